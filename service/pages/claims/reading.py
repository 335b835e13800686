"""Marks in a client's text what was recognised in it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from service.flows.policies.view_policy import view_policy
from service.leads.lead import Lead
from service.policies.yaml_text import read_yaml
from service.resources import Resources

WORD = re.compile(r"[\w-]+")
ENDING = 2  # how many last letters may differ: колодки, колодок
SHORTEST_STEM = 3
MAX_TEXT = 8000


@dataclass(frozen=True, slots=True)
class WordEntry:
    """The phrases of a signal, and its names by language."""

    phrases: tuple[str, ...]
    names: Mapping[str, str]


NOTHING = WordEntry((), {})
Phrases = Mapping[str, WordEntry]
Place = tuple[int, int, str]


async def phrases_of(resources: Resources, lead: Lead) -> Phrases:
    """The phrases of each signal in the policy that ranked the lead."""
    queue, version = lead.signal.queue, lead.ranking.policy_version
    existing = _CACHE.get((queue, version))
    if existing is None:
        text = (await view_policy(resources, queue, version)).text
        existing = _phrases(text)
        _CACHE.clear() if len(_CACHE) > 100 else None
        _CACHE[queue, version] = existing
    return existing


_CACHE: dict[tuple[str, int], Phrases] = {}


def _phrases(text: str) -> Phrases:
    entries = read_yaml(text).get("lexicon") or []
    return {
        str(entry["signal"]): WordEntry(
            tuple(str(phrase) for phrase in entry.get("phrases") or ()), entry.get("name") or {}
        )
        for entry in entries
        if isinstance(entry, dict) and "signal" in entry
    }


def signals_of(lead: Lead) -> list[str]:
    """The signals that the ranking found in the text."""
    text: Any = lead.ranking.explanation.get("text") or {}
    return [str(item["signal"]) for item in text.get("signals") or ()]


def called(signal: str, phrases: Phrases, language: str) -> str:
    """A signal's name or first phrase in the reader's language, else its label."""
    entry = phrases.get(signal, NOTHING)
    if language in entry.names:
        return entry.names[language]
    wanted = re.compile("[а-яё]" if language == "ru" else "^[^а-яё]+$", re.IGNORECASE)
    found = next((item for item in entry.phrases if wanted.search(item)), None)
    return found or signal.replace("_", " ")


def places(text: str, signals: Sequence[str], phrases: Phrases, language: str) -> list[Place]:
    """The places of the signals' phrases: start, end, and name; they do not overlap."""
    words = [(found.start(), found.end(), _plain(found[0])) for found in _words(text)]
    found: list[Place] = []
    for signal in signals:
        about = called(signal, phrases, language)
        for phrase in phrases.get(signal, NOTHING).phrases:
            found += [(start, end, about) for start, end in _runs(words, _stems(phrase))]
    return _apart(found)


def _words(text: str) -> Iterator[re.Match[str]]:
    return WORD.finditer(text[:MAX_TEXT])


def _plain(word: str) -> str:
    return word.lower().replace("ё", "е")


@lru_cache(maxsize=4096)
def _stems(phrase: str) -> tuple[str, ...]:
    words = [_plain(found[0]) for found in _words(phrase)]
    return tuple(
        word[: max(SHORTEST_STEM, len(word) - ENDING)] if len(word) > SHORTEST_STEM else word
        for word in words
    )


def _runs(
    words: Sequence[tuple[int, int, str]], stems: tuple[str, ...]
) -> Iterator[tuple[int, int]]:
    for at in range(len(words) - len(stems) + 1):
        run = words[at : at + len(stems)]
        if stems and all(
            _is_form(word, stem) for (_, _, word), stem in zip(run, stems, strict=True)
        ):
            yield run[0][0], run[-1][1]


def _is_form(word: str, stem: str) -> bool:
    return (
        word == stem
        if len(stem) < SHORTEST_STEM
        else word.startswith(stem) and (len(word) <= len(stem) + 2 * ENDING)
    )


def _apart(found: list[Place]) -> list[Place]:
    """The leftmost and longest places first; those that overlap are left out."""
    chosen: list[Place] = []
    for place in sorted(set(found), key=lambda item: (item[0], -item[1])):
        if not chosen or place[0] >= chosen[-1][1]:
            chosen.append(place)
    return chosen
