"""Other worlds: the shop's scenario, with one belief about its clients changed."""

from collections.abc import Callable, Mapping
from typing import Any

from service.policies.yaml_text import read_yaml
from service.simulation.scenarios.document import Scenario
from service.simulation.scenarios.reading import scenario_of, shipped_scenario

Stated = dict[str, Any]
HALF = 0.5
UNDERRATED = ("calls", "night_chats", "registrations")  # twice as likely as the policy says


def world(name: str) -> Scenario:
    """The scenario of a world."""
    stated = read_yaml(shipped_scenario("auto_parts"))
    return scenario_of(WORLDS[name](stated))


def merged(stated: Mapping[str, Any], parts: Mapping[str, Any]) -> Stated:
    """What is stated, with some parts replaced. Mappings are merged key by key."""
    found = dict(stated)
    for name, value in parts.items():
        before = found.get(name)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            found[name] = merged(before, value)
        else:
            found[name] = value
    return found


def _every_source(stated: Stated, change: Callable[[str, Stated], Stated]) -> Stated:
    sources = {name: merged(part, change(name, part)) for name, part in stated["sources"].items()}
    return {**stated, "sources": sources}


def _unread(stated: Stated) -> Stated:
    return merged(stated, {"words": {"unread": 1.0, "written": 0.0}})


def _wrong_chances(stated: Stated) -> Stated:
    def change(name: str, part: Stated) -> Stated:
        factor = 2.0 if name in UNDERRATED else HALF
        return {"chance": min(0.98, part["chance"] * factor)}

    return _every_source(stated, change)


def _shaped(shape: float) -> Callable[[Stated], Stated]:
    return lambda stated: _every_source(stated, lambda _, part: {"patience": {"shape": shape}})


def _patient_chats(minutes: float) -> Callable[[Stated], Stated]:
    return lambda stated: merged(stated, {"sources": {"chats": {"patience": {"minutes": minutes}}}})


def _hopeless_callbacks(stated: Stated) -> Stated:
    return merged(stated, {"sources": {"calls": {"callback": {"share": 0.05}}}})


def _told_departures(stated: Stated) -> Stated:
    return _every_source(stated, lambda _, part: {"patience": {"silent": 0.0}})


def _staff(count: int) -> Callable[[Stated], Stated]:
    return lambda stated: {**stated, "operators": [{**stated["operators"][0], "count": count}]}


WORLDS: Mapping[str, Callable[[Stated], Stated]] = {
    "as assumed": lambda stated: stated,
    "the lexicon reads nothing": _unread,
    "chances wrong by two": _wrong_chances,
    "patience of shape 2": _shaped(2.0),
    "patience of shape 0.6": _shaped(0.6),
    "chats wait 5 minutes": _patient_chats(5.0),
    "chats wait an hour": _patient_chats(60.0),
    "callbacks are hopeless": _hopeless_callbacks,
    "everybody says that they leave": _told_departures,
    "two operators": _staff(2),
    "eight operators": _staff(8),
}
