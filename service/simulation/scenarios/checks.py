"""Checks of a scenario that its shape cannot express: shares add up, hours open, people work.

The checks read raw values, so that their mistakes are reported with those of the shape.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.hours.hours import DAY_MINUTES, Timetable
from service.hours.timetable_text import TimetableMistakes, read_local_time, read_timetable
from service.leads.errors import FieldMistake

Stated = Mapping[str, Any]
TOLERANCE = 1e-3
UTC = ZoneInfo("UTC")


def check_scenario(stated: Stated) -> list[FieldMistake]:
    """Every mistake that shows only when the parts of a scenario are compared."""
    zone, mistakes = _zone(stated)
    return [
        *mistakes,
        *_begins(stated),
        *_hours(stated, zone),
        *_operators(stated, zone),
        *_nobody_there(stated, zone),
        *_days(stated),
        *_shares(stated),
        *_sources(stated),
        *_words(stated),
    ]


def _zone(stated: Stated) -> tuple[ZoneInfo, list[FieldMistake]]:
    name = stated.get("time_zone")
    if not isinstance(name, str) or not name:
        return UTC, []
    try:
        return ZoneInfo(name), []
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reason = f"`{name}` is no time zone"
        return UTC, [FieldMistake("time_zone", reason, "Send a name like Europe/Moscow.")]


def _begins(stated: Stated) -> Iterator[FieldMistake]:
    try:
        day = date.fromisoformat(str(stated.get("begins", "2026-11-30")))
    except ValueError:
        yield FieldMistake("begins", "there is no such day", "Send a date like 2026-11-30.")
    else:
        if not 2000 <= day.year <= 2100:
            yield FieldMistake("begins", "it is too far away", "Send a year from 2000 to 2100.")


def _hours(stated: Stated, zone: ZoneInfo) -> Iterator[FieldMistake]:
    yield from _timetable(stated.get("hours"), zone, "hours", "the shop never opens")


def _operators(stated: Stated, zone: ZoneInfo) -> Iterator[FieldMistake]:
    for place, part in enumerate(_list(stated, "operators")):
        path, shifts = f"operators.{place}", _part(part).get("shifts")
        yield from _timetable(shifts, zone, f"{path}.shifts", "nobody ever works")
        for number, pause in enumerate(_list(part, "breaks")):
            yield from _clock(_part(pause).get("at"), f"{path}.breaks.{number}.at")


def _nobody_there(stated: Stated, zone: ZoneInfo) -> Iterator[FieldMistake]:
    """Everybody works, but only while the shop is closed."""
    shop = _spans(stated.get("hours"), zone)
    parts = _list(stated, "operators")
    theirs = [_spans(_part(part).get("shifts"), zone) for part in parts]
    if not shop or not all(theirs):
        return  # another check tells of it
    met = (_meet(own, open_) for spans in theirs for own in spans for open_ in shop)
    if not any(met):
        remedy = "Let the shifts of an operator meet the hours of the shop."
        yield FieldMistake("operators", "nobody works while the shop is open", remedy)


def _spans(stated: object, zone: ZoneInfo) -> list[tuple[int, int]]:
    """The spans of a week in its minutes; none for what cannot be read."""
    try:
        found = read_timetable({"weekly": stated}, zone) if isinstance(stated, dict) else None
    except TimetableMistakes:
        return []
    weekly = {} if found is None else found.weekly
    return [
        (day * DAY_MINUTES + span.start, day * DAY_MINUTES + span.end)
        for day, spans in weekly.items()
        for span in spans
    ]


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two spans share time; Sunday night goes on into Monday."""
    week = 7 * DAY_MINUTES
    shifts = (-week, 0, week)
    return any(one[0] + by < other[1] and other[0] < one[1] + by for by in shifts)


def _days(stated: Stated) -> Iterator[FieldMistake]:
    if _adds_up_to_nothing(_list(stated, "weekdays")):
        yield FieldMistake("weekdays", "nobody ever comes", "Send a weight above 0.")


def _timetable(stated: object, zone: ZoneInfo, path: str, never: str) -> Iterator[FieldMistake]:
    if not isinstance(stated, dict):
        return
    try:
        found = read_timetable({"weekly": stated}, zone, path)
    except TimetableMistakes as error:
        for item in error.mistakes:
            field = item.field.replace(f"{path}.weekly", path)
            yield FieldMistake(field, item.reason, item.remedy)
    else:
        if not _opens(found):
            yield FieldMistake(path, never, 'Send days with hours, as mon-fri: "09:00-19:00".')


def _opens(timetable: Timetable) -> bool:
    return any(timetable.weekly.get(day) for day in range(7))


def _shares(stated: Stated) -> Iterator[FieldMistake]:
    sources = _part(stated, "sources")
    shares = [_part(item).get("share") for item in sources.values()]
    numbers = [item for item in shares if isinstance(item, int | float)]
    if sources and len(numbers) == len(shares) and abs(sum(numbers) - 1) > TOLERANCE:
        reason = f"the shares of all sources add up to {sum(numbers):g}"
        yield FieldMistake("sources", reason, "Make them add up to 1.")


def _sources(stated: Stated) -> Iterator[FieldMistake]:
    skills = {skill for item in _list(stated, "operators") for skill in _list(item, "skills")}
    for name, source in _part(stated, "sources").items():
        path, demanded = f"sources.{name}", _part(source, "skills")
        if _adds_up_to_nothing(_list(source, "hourly")):
            yield FieldMistake(f"{path}.hourly", "nobody ever comes", "Send a weight above 0.")
        for skill in demanded:
            if skill not in skills:
                remedy = "Give it to an operator, or remove it."
                yield FieldMistake(f"{path}.skills.{skill}", "no operator has it", remedy)
        total = sum(item for item in demanded.values() if isinstance(item, int | float))
        if total > 1 + TOLERANCE:
            yield FieldMistake(f"{path}.skills", "the shares exceed 1", "Send smaller shares.")
        if "cutoff" in _part(source):
            yield from _cutoff(_part(source, "cutoff"), f"{path}.cutoff")


def _cutoff(stated: Stated, path: str) -> Iterator[FieldMistake]:
    yield from _clock(stated.get("at"), f"{path}.at")
    losses = [item for item in _list(stated, "losses") if isinstance(item, int | float)]
    if losses != sorted(losses):
        yield FieldMistake(f"{path}.losses", "a later one is smaller", "Send rising shares.")


def _words(stated: Stated) -> Iterator[FieldMistake]:
    words = _part(stated, "words")
    weights = [_part(good).get("weight", 1.0) for good in _list(words, "goods")]
    for path, found in (("goods", weights), ("parts", _list(words, "parts"))):
        if _adds_up_to_nothing(found):
            yield FieldMistake(f"words.{path}", "no weight is above 0", "Send one above 0.")
    bounds = [item for item in _list(words, "need_range") if isinstance(item, int | float)]
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        yield FieldMistake("words.need_range", "the first is greater", "Send the smaller first.")


def _clock(stated: object, path: str) -> Iterator[FieldMistake]:
    if not isinstance(stated, str):
        return
    try:
        minutes = read_local_time(stated)
    except ValueError as error:
        yield FieldMistake(path, str(error), 'Send a time like "12:00".')
    else:
        if minutes >= DAY_MINUTES:
            yield FieldMistake(path, "the day ends before", 'Send a time like "12:00".')


def _adds_up_to_nothing(weights: list[Any]) -> bool:
    numbers = [item for item in weights if isinstance(item, int | float)]
    return bool(numbers) and len(numbers) == len(weights) and sum(numbers) <= 0


def _part(stated: object, name: str | None = None) -> Stated:
    value = stated if name is None else _part(stated).get(name)
    return value if isinstance(value, dict) else {}


def _list(stated: object, name: str) -> list[Any]:
    value = _part(stated).get(name)
    return value if isinstance(value, list) else []
