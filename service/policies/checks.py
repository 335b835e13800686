"""What no shape can say of a policy: its parts must fit each other.

The checks look at what was said, not at what was read, so that they find their mistakes beside
all others; a part of a wrong shape they leave to the shape.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phonenumbers import SUPPORTED_REGIONS

from service.hours.hours import DAY_MINUTES, Timetable
from service.hours.timetable_text import (
    TimetableMistakes,
    read_days,
    read_local_time,
    read_timetable,
)
from service.leads.errors import FieldMistake
from service.leads.lead import Channel
from service.text.lexicon import LONGEST_PHRASE, stems_of

Said = Mapping[str, Any]
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def check_whole(said: Said) -> list[FieldMistake]:
    """Every mistake that only shows when parts of a policy are held against each other."""
    said = _part(said)
    zone, mistakes = _zone(said)
    timetable, more = _timetable(said, zone)
    return [
        *mistakes,
        *more,
        *_region(said),
        *_channels(said),
        *_escalations(said),
        *_cutoff(said, timetable),
        *_score(said),
        *_lexicon(said),
    ]


def _zone(said: Said) -> tuple[ZoneInfo, list[FieldMistake]]:
    name = said.get("time_zone")
    if not isinstance(name, str) or not name:
        return ZoneInfo("UTC"), []
    try:
        return ZoneInfo(name), []
    except (ZoneInfoNotFoundError, ValueError, OSError):
        remedy = "Send a name like Europe/Moscow."
        return ZoneInfo("UTC"), [FieldMistake("time_zone", f"`{name}` is no time zone", remedy)]


def _timetable(said: Said, zone: ZoneInfo) -> tuple[Timetable | None, list[FieldMistake]]:
    hours = said.get("hours")
    if not isinstance(hours, dict):
        return None, []
    try:
        return read_timetable(hours, zone), []
    except TimetableMistakes as error:
        return None, error.mistakes


def _region(said: Said) -> Iterator[FieldMistake]:
    region = said.get("region", "RU")
    if isinstance(region, str) and region not in SUPPORTED_REGIONS:
        remedy = "Send two letters such as RU."
        yield FieldMistake("region", f"telephones of `{region}` are not known", remedy)


def _channels(said: Said) -> Iterator[FieldMistake]:
    channels = said.get("channels")
    if isinstance(channels, dict):
        for channel in Channel:
            if channel not in channels:
                yield FieldMistake(f"channels.{channel}", "Field required", "Name its kind.")


def _escalations(said: Said) -> Iterator[FieldMistake]:
    callback = _part(said, "callback").get("stage")
    for name, kind in _part(said, "kinds").items():
        for number, one in enumerate(_list(kind, "escalations")):
            path, stage = f"kinds.{name}.escalations.{number}", _part(one).get("stage")
            if isinstance(stage, int) and isinstance(callback, int) and stage > callback:
                reason = f"stage {stage} is above the callback's, {callback}"
                yield FieldMistake(f"{path}.stage", reason, f"Send at most {callback}.")
            if "before_cutoff_minutes" in _part(one) and said.get("cutoff") is None:
                remedy = "Add `cutoff`, or take this escalation out."
                yield FieldMistake(path, "there is no cut-off", remedy)


def _cutoff(said: Said, timetable: Timetable | None) -> Iterator[FieldMistake]:
    cutoff = _part(said, "cutoff")
    at, days = cutoff.get("at"), cutoff.get("days", "mon-sun")
    minutes, mistakes = None, []
    for field, value, read in (("at", at, read_local_time), ("days", days, read_days)):
        if isinstance(value, str):
            try:
                found = read(value)
            except ValueError as error:
                remedy = 'Send a time like "12:00"; days like "mon-fri".'
                mistakes.append(FieldMistake(f"cutoff.{field}", str(error), remedy))
            else:
                minutes, days = (found, days) if field == "at" else (minutes, found)
    yield from mistakes
    if timetable is not None and isinstance(minutes, int) and isinstance(days, frozenset):
        yield from _outside(timetable, minutes, days, "days" in cutoff)


def _outside(
    timetable: Timetable, minutes: int, days: frozenset[int], named: bool
) -> Iterator[FieldMistake]:
    """Days on which the cut-off is not within the hours; a closed day counts when it is named."""
    for day in sorted(days):
        spans, before = (timetable.weekly.get(one % 7, ()) for one in (day, day - 1))
        within = any(one.start < minutes <= one.end for one in spans)
        within |= any(minutes + DAY_MINUTES <= one.end for one in before)
        if not within and (spans or named):
            remedy = "Change the time, or name in `cutoff.days` the days that have it."
            yield FieldMistake("cutoff.at", f"the shop is closed then on {DAYS[day]}", remedy)


def _score(said: Said) -> Iterator[FieldMistake]:
    least, most = (_part(said, "score").get(name) for name in ("c0", "c1"))
    if isinstance(least, int | float) and isinstance(most, int | float) and least >= most:
        yield FieldMistake("score.c1", "it is not above c0", "Send a greater number.")


def _lexicon(said: Said) -> Iterator[FieldMistake]:
    signals: set[str] = set()
    phrases: dict[tuple[str, ...], str] = {}
    for number, entry in enumerate(_list(said, "lexicon")):
        path, signal = f"lexicon.{number}", str(_part(entry).get("signal", number))
        if signal in signals:
            yield FieldMistake(f"{path}.signal", f"`{signal}` is said twice", "Join the two.")
        signals.add(signal)
        for place, phrase in enumerate(_list(entry, "phrases")):
            if isinstance(phrase, str):
                yield from _phrase(f"{path}.phrases.{place}", phrase, signal, phrases)


def _phrase(
    path: str, phrase: str, signal: str, phrases: dict[tuple[str, ...], str]
) -> Iterator[FieldMistake]:
    stems = stems_of(phrase)
    owner = phrases.setdefault(stems, signal) if stems else signal
    if not stems:
        yield FieldMistake(path, "there is no word in it", "Write a word, or take it out.")
    elif len(stems) > LONGEST_PHRASE:
        remedy = f"Use at most {LONGEST_PHRASE} words."
        yield FieldMistake(path, "it is too long to be found", remedy)
    elif owner != signal:
        remedy = "Keep it in one of the two."
        yield FieldMistake(path, f"it is the same as a phrase of `{owner}`", remedy)


def _part(said: object, name: str | None = None) -> Said:
    value = said if name is None else _part(said).get(name)
    return value if isinstance(value, dict) else {}


def _list(said: object, name: str) -> list[Any]:
    value = _part(said).get(name)
    return value if isinstance(value, list) else []
