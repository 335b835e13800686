"""Business time: when a shop is open, and what its local time is.

An open stretch includes its start and excludes its end: [start, end). Moments come in as aware
datetimes and go out in UTC. Searches stop after 366 days. Moments within two years of the first or
last year that a datetime can hold raise OverflowError.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from service.hours.country_calendar import country_calendar

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
DAY_MINUTES = 1440
FURTHEST = timedelta(days=366)
REMEMBERED_DAYS = 1000
FRIDAY = 4
# The name of a moved day off contains the date of the holiday that it replaces.
DATE_IN_NAME = re.compile(r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}")

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Opening hours from `start` to `end`, in minutes of the local day from 0:00.

    A span belongs to the day on which it begins. An `end` beyond 1440 is on the next day; the
    greatest is 2880, the end of that day. Raises ValueError for any other numbers.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        within = 0 <= self.start < DAY_MINUTES and self.start < self.end
        if not within or self.end > 2 * DAY_MINUTES:
            raise ValueError(f"no span of a day: {self.start} to {self.end}")


WHOLE_DAY = Span(0, DAY_MINUTES)


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """A country's public holidays and the opening hours on them; without `spans` they are closed.

    Codes are those of the package `holidays`: ISO 3166-1, and its own list of subdivisions.
    """

    country: str
    subdivision: str | None = None
    spans: tuple[Span, ...] = ()

    def include(self, day: date) -> bool:
        """Whether a day is a holiday; a year's calendar is built at the first question about it."""
        return day in _days_off(self.country, self.subdivision, day.year)

    def make_working(self, day: date) -> bool:
        """Whether the country's calendar makes this weekend day a working day."""
        return day in _worked_weekends(self.country, self.subdivision, day.year)

    def follow(self, day: date) -> bool:
        """Whether the next day is a holiday; a moved day off does not count."""
        after = day + DAY
        return after in _festive_days(self.country, self.subdivision, after.year)


@dataclass(frozen=True, slots=True)
class ShortDays:
    """The hours of short days: of the listed dates, or else of the days before public holidays."""

    spans: tuple[Span, ...]
    dates: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Timetable:
    """The opening hours of a policy: exceptions win over holidays, and holidays win over the week.

    Weekdays count from Monday = 0; a day without an entry is closed. A weekend day that the holiday
    calendar makes a working day has Friday's hours. Only a day that would be open can be a short
    day. Spans that overlap or touch become one stretch, also across midnight.
    """

    zone: ZoneInfo
    weekly: Mapping[int, tuple[Span, ...]]
    holidays: PublicHolidays | None = None
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    short_days: ShortDays | None = None

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on a day."""
        if day in self.exceptions:
            return self.exceptions[day]
        if self.holidays is not None and self.holidays.include(day):
            return self.holidays.spans
        worked = self.holidays is not None and self.holidays.make_working(day)
        usual = self.weekly.get(FRIDAY if worked else day.weekday(), ())
        if usual and self.short_days is not None and self._is_short(day, self.short_days):
            return self.short_days.spans
        return usual

    def never_closes(self) -> bool:
        """Whether each weekday is open for 24 hours, without holidays, exceptions or short days."""
        whole_days = all(WHOLE_DAY in self.weekly.get(weekday, ()) for weekday in range(7))
        differs = self.holidays or self.exceptions or self.short_days
        return whole_days and not differs

    def _is_short(self, day: date, short: ShortDays) -> bool:
        if short.dates:
            return day in short.dates
        return self.holidays is not None and self.holidays.follow(day)


@dataclass(frozen=True, slots=True)
class _Window:
    """One local day in UTC; each moment is in the window of exactly one day."""

    begins: datetime
    ends: datetime
    stretches: tuple[Stretch, ...]


class Hours:
    """Arithmetic with the open minutes of one timetable; threads may share it."""

    def __init__(self, timetable: Timetable) -> None:
        self.timetable = timetable
        self._zone = timetable.zone
        self._never_closes = timetable.never_closes()
        self._window = lru_cache(REMEMBERED_DAYS)(self._find_window)
        self._latest: tuple[date, _Window] | None = None

    def is_open(self, at: datetime) -> bool:
        """Whether the shop is open at a moment."""
        moment = at.astimezone(UTC)
        _, window = self._window_of(moment)
        return any(begins <= moment < ends for begins, ends in window.stretches)

    def add(self, at: datetime, minutes: float) -> datetime | None:
        """The first moment at which `minutes` open minutes have passed since `at`.

        None when that is more than 366 days away. Raises ValueError for negative minutes.
        """
        if not minutes >= 0:
            raise ValueError(f"no number of minutes to wait: {minutes}")
        if minutes > FURTHEST / MINUTE:
            return None
        since, left = at.astimezone(UTC), timedelta(minutes=minutes)
        if self._never_closes or not left:
            return since + left
        return self._pass(since, left)

    def open_minutes(self, start: datetime, end: datetime) -> float:
        """The open minutes from `start` to `end`; 0 when `end` is not later.

        Takes about one microsecond for each day between them, 50 for a day that is not cached.
        """
        since, until = start.astimezone(UTC), end.astimezone(UTC)
        if until <= since:
            return 0.0
        if self._never_closes:
            return (until - since) / MINUTE
        stretches = self._stretches(since, until)
        passed = (min(ends, until) - begins for begins, ends in stretches if begins < until)
        return sum(passed, timedelta()) / MINUTE

    def next_closing(self, at: datetime) -> datetime | None:
        """The end of the open stretch that contains `at`, or else of the next one.

        None when that is more than 366 days away, and for a shop that never closes.
        """
        if self._never_closes:
            return None
        since = at.astimezone(UTC)
        closing: datetime | None = None
        for begins, ends in self._stretches(since, since + FURTHEST):
            if closing is not None and begins > closing:
                break
            closing = ends
        return closing if closing is not None and closing <= since + FURTHEST else None

    def next_opening(self, at: datetime) -> datetime | None:
        """`at` itself when open, else the next opening; None when there is none within 366 days."""
        since = at.astimezone(UTC)
        until = since + FURTHEST
        opening = next((begins for begins, _ in self._stretches(since, until)), None)
        return opening if opening is not None and opening <= until else None

    def at_local(self, day: date, minutes: int) -> datetime:
        """The moment at which clocks show `minutes` after 0:00 of a day (1440 is the next 0:00).

        A time that comes twice means its first occurrence. A time that the clocks skip means the
        moment of the skip.
        """
        wanted = datetime.combine(day, time(), self._zone) + minutes * MINUTE
        moment = wanted.astimezone(UTC)
        # Both have the same zone, so Python compares what their clocks show.
        if moment.astimezone(self._zone) == wanted:
            return moment
        return self._jump(wanted.replace(fold=1).astimezone(UTC), moment)

    def local_date(self, at: datetime) -> date:
        """The local date at a moment."""
        return at.astimezone(self._zone).date()

    def _pass(self, since: datetime, left: timedelta) -> datetime | None:
        until = since + FURTHEST
        for begins, ends in self._stretches(since, until):
            if ends - begins >= left:
                reached = begins + left
                return reached if reached <= until else None
            left -= ends - begins
        return None

    def _stretches(self, since: datetime, until: datetime) -> Iterator[Stretch]:
        """The open stretches after `since`, cut at midnights, up to the day of `until`."""
        day, window = self._window_of(since)
        while window.begins <= until:
            for begins, ends in window.stretches:
                if ends > since:
                    yield max(begins, since), ends
            day += DAY
            window = self._window(day)

    def _window_of(self, moment: datetime) -> tuple[date, _Window]:
        latest = self._latest  # most are of today, and a zone is dear to ask
        if latest is not None and latest[1].begins <= moment < latest[1].ends:
            return latest
        latest = self._latest = self._day_of(moment)
        return latest

    def _day_of(self, moment: datetime) -> tuple[date, _Window]:
        day = self.local_date(moment)
        window = self._window(day)
        # Clocks that go back over midnight show the old day again when the next has begun.
        while moment >= window.ends:
            day += DAY
            window = self._window(day)
        return day, window

    def _find_window(self, day: date) -> _Window:
        begins, ends = self.at_local(day, 0), self.at_local(day, DAY_MINUTES)
        found: list[Stretch] = []
        for first in (day - DAY, day):
            for span in self.timetable.spans_on(first):
                opens, closes = self.at_local(first, span.start), self.at_local(first, span.end)
                found.append((max(begins, opens), min(ends, closes)))
        return _Window(begins, ends, _join(found))

    def _jump(self, before: datetime, after: datetime) -> datetime:
        """The first second between two moments at which the clocks have another offset."""
        offset = before.astimezone(self._zone).utcoffset()

        def has_jumped(seconds: int) -> bool:
            return (before + seconds * SECOND).astimezone(self._zone).utcoffset() != offset

        seconds = range((after - before) // SECOND)
        return before + bisect_left(seconds, True, key=has_jumped) * SECOND


def around_the_clock(zone: ZoneInfo) -> Hours:
    """Hours without any closing time, for a policy that names no hours."""
    return Hours(Timetable(zone, dict.fromkeys(range(7), (WHOLE_DAY,))))


def _join(stretches: list[Stretch]) -> tuple[Stretch, ...]:
    """The same time as sorted stretches that neither touch nor overlap; empty ones are left out."""
    joined: list[Stretch] = []
    for begins, ends in sorted(stretches):
        if joined and begins <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], ends)
        elif begins < ends:
            joined.append((begins, ends))
    return tuple(joined)


@lru_cache(64)
def _days_off(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(country_calendar(country, subdivision, year=year))


@lru_cache(64)
def _worked_weekends(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    calendar = country_calendar(country, subdivision, year=year)
    # the set covers each year that the calendar has built so far
    return frozenset(day for day in calendar.weekend_workdays if day.year == year)


@lru_cache(64)
def _festive_days(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    calendar = country_calendar(country, subdivision, year=year, observed=False)
    return frozenset(day for day, name in calendar.items() if not DATE_IN_NAME.search(name))
