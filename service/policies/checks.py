"""Checks that the parts of a policy fit each other, which its shape cannot express.

The checks read raw values, not parsed ones, so that their mistakes are reported with all others.
They skip parts of a wrong shape.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phonenumbers import SUPPORTED_REGIONS, UNKNOWN_REGION

from service.hours.hours import DAY_MINUTES, Timetable
from service.hours.timetable_text import (
    TimetableMistakes,
    read_days,
    read_local_time,
    read_timetable,
)
from service.leads.errors import FieldMistake
from service.leads.lead import Channel
from service.policies.index_checks import check_index
from service.policies.lexicon_checks import check_lexicon

Said = Mapping[str, Any]
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def check_whole(spec: Said) -> list[FieldMistake]:
    """Every mistake that shows only when the parts of a policy are compared."""
    spec = _part(spec)
    zone, mistakes = _zone(spec)
    timetable, more = _timetable(spec, zone)
    return [
        *mistakes,
        *more,
        *_region(spec),
        *_channels(spec),
        *_escalations(spec),
        *_cutoff(spec, timetable),
        *_score(spec),
        *check_index(spec),
        *check_lexicon(_list(spec, "lexicon")),
    ]


def _zone(spec: Said) -> tuple[ZoneInfo, list[FieldMistake]]:
    name = spec.get("time_zone")
    if not isinstance(name, str) or not name:
        return ZoneInfo("UTC"), []
    try:
        return ZoneInfo(name), []
    except (ZoneInfoNotFoundError, ValueError, OSError):
        remedy = "Send a name like Europe/Moscow."
        return ZoneInfo("UTC"), [FieldMistake("time_zone", f"`{name}` is no time zone", remedy)]


def _timetable(spec: Said, zone: ZoneInfo) -> tuple[Timetable | None, list[FieldMistake]]:
    hours = spec.get("hours")
    if not isinstance(hours, dict):
        return None, []
    try:
        return read_timetable(hours, zone), []
    except TimetableMistakes as error:
        return None, error.mistakes


def _region(spec: Said) -> Iterator[FieldMistake]:
    region = spec.get("region", UNKNOWN_REGION)
    if isinstance(region, str) and region not in (*SUPPORTED_REGIONS, UNKNOWN_REGION):
        remedy = f"Send two letters such as RU, or {UNKNOWN_REGION} if all numbers begin with +."
        yield FieldMistake("region", f"`{region}` is no known country of telephone numbers", remedy)


def _channels(spec: Said) -> Iterator[FieldMistake]:
    channels = spec.get("channels")
    if isinstance(channels, dict):
        for channel in Channel:
            if channel not in channels:
                yield FieldMistake(f"channels.{channel}", "Field required", "Name its kind.")


def _escalations(spec: Said) -> Iterator[FieldMistake]:
    for name, kind in _part(spec, "kinds").items():
        for number, item in enumerate(_list(kind, "escalations")):
            path = f"kinds.{name}.escalations.{number}"
            if "before_cutoff_minutes" in _part(item) and spec.get("cutoff") is None:
                remedy = "Add `cutoff`, or remove this escalation."
                yield FieldMistake(path, "there is no cut-off", remedy)


def _cutoff(spec: Said, timetable: Timetable | None) -> Iterator[FieldMistake]:
    cutoff = _part(spec, "cutoff")
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
    """Days when the cut-off is outside of the hours. A closed day counts only if it is named."""
    for day in sorted(days):
        spans, before = (timetable.weekly.get(item % 7, ()) for item in (day, day - 1))
        within = any(span.start < minutes <= span.end for span in spans)
        within |= any(minutes + DAY_MINUTES <= item.end for item in before)
        if not within and (spans or named):
            remedy = "Change the time, or name in `cutoff.days` the days that have it."
            yield FieldMistake("cutoff.at", f"the shop is closed then on {DAYS[day]}", remedy)


def _score(spec: Said) -> Iterator[FieldMistake]:
    least, limit = (_part(spec, "score").get(name) for name in ("c0", "c1"))
    if isinstance(least, int | float) and isinstance(limit, int | float) and least >= limit:
        yield FieldMistake("score.c1", "it is not above c0", "Send a greater number.")


def _part(spec: object, name: str | None = None) -> Said:
    value = spec if name is None else _part(spec).get(name)
    return value if isinstance(value, dict) else {}


def _list(spec: object, name: str) -> list[Any]:
    value = _part(spec).get(name)
    return value if isinstance(value, list) else []
