"""Reads business hours from a policy's YAML and reports all mistakes together."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from holidays.registry import EntityLoader

from service.hours.country_calendar import country_calendar
from service.hours.hours import DAY_MINUTES, PublicHolidays, ShortDays, Span, Timetable
from service.leads.errors import FieldMistake

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED = "closed"
MAX_EXCEPTIONS = 400
MAX_SPANS = 24
LAST_MINUTE = 24 * 60 - 1
CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DASH = re.compile(r"\s*[-–—]\s*")

A_WEEK = 'say the days and their hours, such as mon-fri: "09:00-19:00"'
SOME_DAYS = "write days as mon, mon-fri or sat,sun, each day once"
A_DAY = f'write "09:00-19:00" in quotes, a list of 1 to {MAX_SPANS} of these, or closed'
A_SPAN = 'write when it opens and closes, such as "09:00-19:00"; the whole day is "00:00-24:00"'
A_CALENDAR = "say the country and the hours on its holidays, such as country: RU, hours: closed"
A_COUNTRY = 'write the code of two letters in quotes, such as "RU"'
SHORT_DAYS = (
    'write the hours of days before a holiday, such as "09:00-18:00", or the hours and the dates,'
    ' such as hours: "09:00-18:00", dates: ["2026-12-30"]'
)
A_DATE = 'write year, month and day with the hours, such as "2026-12-31": "09:00-15:00"'

Found = TypeVar("Found")


class TimetableMistakes(Exception):
    """The business hours have mistakes"""

    def __init__(self, mistakes: list[FieldMistake]) -> None:
        self.mistakes = mistakes
        super().__init__(
            "; ".join(f"{mistake.field}: {mistake.reason}" for mistake in mistakes[:3])
        )


@dataclass(frozen=True, slots=True)
class _Given:
    """A span with its field and its original text."""

    span: Span
    field: str
    words: str


def read_timetable(raw: Mapping[str, object], zone: ZoneInfo, path: str = "hours") -> Timetable:
    """The timetable of a mapping; `path` is the mapping's place in the policy.

    Raises TimetableMistakes with all mistakes.
    """
    reader = _Reader()
    reader.refuse_unknown(raw, ("weekly", "holidays", "exceptions", "short_days"), path)
    weekly = reader.weekly(raw.get("weekly"), f"{path}.weekly")
    holidays = reader.holidays(raw.get("holidays"), f"{path}.holidays")
    exceptions = reader.exceptions(raw.get("exceptions"), f"{path}.exceptions")
    eves = raw.get("holidays") is not None
    short_days = reader.short_days(raw.get("short_days"), f"{path}.short_days", eves=eves)
    if reader.mistakes:
        raise TimetableMistakes(reader.mistakes)
    return Timetable(zone, weekly, holidays, exceptions, short_days)


def read_days(text: str) -> frozenset[int]:
    """The weekdays (Monday = 0) of a text such as `mon-fri` or `fri-mon,wed`.

    Raises ValueError for an unknown or a repeated day.
    """
    found: set[int] = set()
    for part in text.lower().split(","):
        ends = DASH.split(part.strip())
        unknown = [day for day in ends if day not in WEEKDAYS]
        if unknown or len(ends) > 2:
            raise ValueError(f"{_show((unknown or [part])[0])} is no day")
        first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
        for day in range(first, first + (last - first) % 7 + 1):
            if day % 7 in found:
                raise ValueError(f"{WEEKDAYS[day % 7]} is said twice")
            found.add(day % 7)
    return frozenset(found)


def read_local_time(text: str) -> int:
    """The minutes from 0:00 of a time of day such as `12:00`; 24:00 is the end of the day.

    Raises ValueError for any other text.
    """
    found = CLOCK.fullmatch(text.strip())
    minutes = int(found[1]) * 60 + int(found[2]) if found else None
    if minutes is None or minutes > DAY_MINUTES:
        raise ValueError(f"{_show(text)} is no time of day")
    return minutes


class _Reader:
    """Reads each part and collects the mistakes; a wrong part is left out of the result."""

    def __init__(self) -> None:
        self.mistakes: list[FieldMistake] = []

    def refuse_unknown(
        self, raw: Mapping[Any, object], existing: tuple[str, ...], path: str
    ) -> None:
        for name in raw:
            if name not in existing:
                self._add(_below(path, name), "is not known here", f"say {', '.join(existing)}")

    def weekly(self, value: object, path: str) -> dict[int, tuple[Span, ...]]:
        week: dict[int, list[_Given]] = {}
        for key, hours in (self._mapping(value or None, path, A_WEEK) or {}).items():
            field = _below(path, key)
            raw = self._hours(hours, field)
            for day in sorted(self._read(read_days, str(key), field, SOME_DAYS) or ()):
                if day in week:
                    self._add(field, f"{WEEKDAYS[day]} is said twice", "say each day once")
                week.setdefault(day, raw)
        placed = [(day * DAY_MINUTES + item.span.start, item) for day in week for item in week[day]]
        # A span of Sunday may overlap a span of Monday, so the week is checked twice in a row.
        self._refuse_overlaps(placed + [(at + 7 * DAY_MINUTES, item) for at, item in placed])
        return {day: _spans(raw) for day, raw in week.items()}

    def holidays(self, value: object, path: str) -> PublicHolidays | None:
        raw = None if value is None else self._mapping(value, path, A_CALENDAR)
        if raw is None:
            return None
        self.refuse_unknown(raw, ("country", "subdivision", "hours"), path)
        spans = self._day(raw.get("hours", CLOSED), f"{path}.hours")
        country = self._read(_read_country, raw.get("country"), f"{path}.country", A_COUNTRY)
        if country is None:
            return None
        subdivision = self._subdivision(raw.get("subdivision"), country, f"{path}.subdivision")
        return PublicHolidays(country, subdivision, spans)

    def exceptions(self, value: object, path: str) -> dict[date, tuple[Span, ...]]:
        raw = None if value is None else self._mapping(value, path, A_DATE)
        if raw is not None and len(raw) > MAX_EXCEPTIONS:
            reason = f"has {len(raw)} dates, at most {MAX_EXCEPTIONS} are allowed"
            self._add(path, reason, "leave out the dates that have passed")
            return {}
        found: dict[date, tuple[Span, ...]] = {}
        for key, hours in (raw or {}).items():
            field = _below(path, key)
            day, spans = self._read(_read_date, key, field, A_DATE), self._day(hours, field)
            if day in found:
                self._add(field, "is said twice", "say each date once")
            if day is not None:
                found.setdefault(day, spans)
        return found

    def short_days(self, value: object, path: str, *, eves: bool) -> ShortDays | None:
        """Short days without dates are the days before holidays; `eves`: there are holidays."""
        if value is None:
            return None
        if not isinstance(value, Mapping):
            if not eves:
                self._add(path, "no holidays are named", "name `holidays`, or give the dates")
            return ShortDays(self._day(value, path))
        self.refuse_unknown(value, ("hours", "dates"), path)
        spans, dates = self._day(value.get("hours"), f"{path}.hours"), value.get("dates")
        if not isinstance(dates, list) or not 0 < len(dates) <= MAX_EXCEPTIONS:
            reason = f"{_show(dates)} is no list of 1 to {MAX_EXCEPTIONS} dates"
            self._add(f"{path}.dates", reason, SHORT_DAYS)
            return None
        found = (self._read(_read_date, item, f"{path}.dates", A_DATE) for item in dates)
        return ShortDays(spans, frozenset(day for day in found if day is not None))

    def _add(self, field: str, reason: str, remedy: str) -> None:
        self.mistakes.append(FieldMistake(field, reason, remedy))

    def _mapping(self, value: object, path: str, remedy: str) -> Mapping[Any, object] | None:
        if isinstance(value, Mapping):
            return value
        reason = "is missing" if value is None else f"{_show(value)} is not understood"
        self._add(path, reason, remedy)
        return None

    def _day(self, value: object, field: str) -> tuple[Span, ...]:
        raw = self._hours(value, field)
        self._refuse_overlaps([(item.span.start, item) for item in raw])
        return _spans(raw)

    def _hours(self, value: object, field: str) -> list[_Given]:
        if isinstance(value, str):
            return [] if value.strip().lower() == CLOSED else self._span(value, field)
        if isinstance(value, list) and 0 < len(value) <= MAX_SPANS:
            spans = (self._span(text, f"{field}.{place}") for place, text in enumerate(value))
            return [item for found in spans for item in found]
        self._add(field, f"{_show(value)} is no hours of a day", A_DAY)
        return []

    def _span(self, value: object, field: str) -> list[_Given]:
        span = self._read(_read_span, value, field, A_SPAN)
        return [] if span is None else [_Given(span, field, str(value))]

    def _read(
        self, read: Callable[[Any], Found], value: object, field: str, remedy: str
    ) -> Found | None:
        try:
            return read(value)
        except ValueError as wrong:
            self._add(field, str(wrong), remedy)
            return None

    def _subdivision(self, value: object, country: str, field: str) -> str | None:
        calendar = country_calendar(country)
        if value is None or value in calendar.subdivisions:
            return None if value is None else str(value)
        remedy = f"leave it out: the holidays known are those of all {country}"
        if calendar.subdivisions:
            remedy = f"leave it out, or write in quotes one of {', '.join(calendar.subdivisions)}"
        self._add(field, f"{_show(value)} is no part of {country} with known holidays", remedy)
        return None

    def _refuse_overlaps(self, placed: list[tuple[int, _Given]]) -> None:
        """Refuse spans that begin before another one has ended; starts are minutes of the week."""
        furthest, last = -1, None
        refused: set[frozenset[str]] = set()
        for start, item in sorted(placed, key=itemgetter(0)):
            if last is not None and start < furthest and {item.field, last.field} not in refused:
                refused.add(frozenset({item.field, last.field}))
                reason = f"{_show(item.words)} overlaps {_show(last.words)} of {last.field}"
                self._add(item.field, reason, "end the one before the other begins, or join them")
            end = start + item.span.end - item.span.start
            furthest, last = (end, item) if end > furthest else (furthest, last)


def _read_span(value: object) -> Span:
    ends = DASH.split(value.strip()) if isinstance(value, str) else []
    if len(ends) != 2:
        raise ValueError(f"{_show(value)} is no span of time")
    start, end = read_local_time(ends[0]), read_local_time(ends[1])
    if start == end:
        raise ValueError(f"{_show(value)} begins and ends at the same time")
    if start == DAY_MINUTES:
        raise ValueError(f"{_show(value)} begins when the day is over")
    if end == LAST_MINUTE:  # 23:59 means midnight
        end = DAY_MINUTES
    return Span(start, end if start < end else end + DAY_MINUTES)


def _read_date(key: object) -> date:
    if isinstance(key, date) and not isinstance(key, datetime):
        return key
    if not isinstance(key, str) or not DATE.fullmatch(key):
        raise ValueError(f"{_show(key)} is no date")
    try:
        return date.fromisoformat(key)
    except ValueError:
        raise ValueError(f"there is no {key}") from None


def _read_country(value: object) -> str:
    code = value.strip().upper() if isinstance(value, str) else ""
    if code not in EntityLoader.get_country_codes():
        raise ValueError(f"{_show(value)} is no country whose holidays are known")
    return code


def _spans(raw: list[_Given]) -> tuple[Span, ...]:
    return tuple(sorted(item.span for item in raw))


def _below(path: str, name: object) -> str:
    return f"{path}.{str(name)[:40]}"


def _show(value: object) -> str:
    return "nothing" if value is None else f'"{str(value)[:40]}"'
