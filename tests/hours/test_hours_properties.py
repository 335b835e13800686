"""Business time against an oracle that knows no dates: it looks at a clock every minute."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import steady

from service.hours.hours import Hours, Span, Timetable

MINUTE = timedelta(minutes=1)
LOOKED_AT = 4 * 1440
# Around days whose clocks are put on or back, by an hour, half an hour, a day, or at midnight.
CHANGES = [
    *(("Europe/Berlin", date(2026, 3, 29)), ("Europe/Berlin", date(2026, 10, 25))),
    *(("America/New_York", date(2026, 3, 8)), ("America/New_York", date(2026, 11, 1))),
    *(("Australia/Lord_Howe", date(2026, 4, 5)), ("Australia/Lord_Howe", date(2026, 10, 4))),
    *(("Europe/Moscow", date(2011, 3, 27)), ("Europe/Moscow", date(2014, 10, 26))),
    *(("America/Sao_Paulo", date(2018, 2, 18)), ("America/Sao_Paulo", date(2018, 11, 4))),
    *(("America/St_Johns", date(2006, 10, 29)), ("Pacific/Apia", date(2011, 12, 30))),
    *(("Europe/Moscow", date(2028, 2, 29)), ("Asia/Kathmandu", date(2025, 12, 31))),
]


@dataclass(frozen=True)
class Case:
    """A timetable without end beyond a few days, and the moment from which it is looked at."""

    timetable: Timetable
    start: datetime

    @property
    def hours(self) -> Hours:
        return Hours(self.timetable)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(0, 1439) | st.sampled_from([0, 60, 120, 150, 180, 1380]))
    end = draw(st.integers(start + 1, 2880) | st.sampled_from([1440, 1560, 2880]))
    return Span(start, end)


days_spans = st.lists(spans(), max_size=3).map(tuple)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zone, change = draw(st.sampled_from(CHANGES))
    weekly = draw(st.dictionaries(st.integers(0, 6), days_spans))
    near = st.integers(-2, 2).map(lambda passed: change + timedelta(days=passed))
    exceptions = draw(st.dictionaries(near, days_spans, max_size=3))
    midnight = datetime(change.year, change.month, change.day, tzinfo=UTC)
    start = midnight + draw(st.integers(-2 * 1440, 2 * 1440)) * MINUTE
    return Case(Timetable(ZoneInfo(zone), weekly, None, exceptions), start)


def opened(case: Case) -> list[bool]:
    """Whether it is open in each of the minutes LOOKED_AT from the start on.

    A clock that is put back is taken to stand until it shows a new time again: then what begins
    or ends in a time that comes twice does so the first time, and nothing does in one left out.
    """
    reported = _minutes_told(case)
    shown, found = 0, []
    for passed in range(-180, LOOKED_AT):
        clock = (case.start + passed * MINUTE).astimezone(case.timetable.zone)
        shown = max(shown, clock.toordinal() * 1440 + clock.hour * 60 + clock.minute)
        if passed >= 0:
            found.append(shown in reported)
    return found


def _minutes_told(case: Case) -> set[int]:
    """The minutes that clocks show when it is open, counted from the first day of all."""
    table, first = case.timetable, case.start.toordinal() - 3
    reported: set[int] = set()
    for ordinal in range(first, first + LOOKED_AT // 1440 + 6):
        day = date.fromordinal(ordinal)
        for span in table.exceptions.get(day, table.weekly.get(day.weekday(), ())):
            reported.update(range(ordinal * 1440 + span.start, ordinal * 1440 + span.end))
    return reported


@steady
@given(cases())
def test_every_minute_is_open_or_closed_as_the_clock_says(case: Case) -> None:
    hours = case.hours
    found = [hours.is_open(case.start + passed * MINUTE) for passed in range(LOOKED_AT)]
    assert found == opened(case)


@steady
@given(cases(), st.integers(0, LOOKED_AT), st.integers(1, 3000))
def test_minutes_are_counted_and_added_as_the_clock_counts_them(
    case: Case, passed: int, minutes: int
) -> None:
    is_open = opened(case)
    counted = case.hours.open_minutes(case.start, case.start + passed * MINUTE)
    assert counted == sum(is_open[:passed])
    ends = [minute + 1 for minute in range(LOOKED_AT) if is_open[minute]]
    expected = ends[minutes - 1] if len(ends) >= minutes else None
    assert_at(case, case.hours.add(case.start, minutes), expected)


@steady
@given(cases())
def test_the_next_opening_and_closing_are_where_the_clock_finds_them(case: Case) -> None:
    is_open = opened(case)
    first = next((minute for minute in range(LOOKED_AT) if is_open[minute]), None)
    assert_at(case, case.hours.next_opening(case.start), first)
    after = range(LOOKED_AT if first is None else first, LOOKED_AT)
    closed = next((minute for minute in after if not is_open[minute]), None)
    assert_at(case, case.hours.next_closing(case.start), closed)


def assert_at(case: Case, found: datetime | None, minute: int | None) -> None:
    """That it was found at that minute from the start; for None, not in the minutes LOOKED_AT."""
    if minute is not None:
        assert found == case.start + minute * MINUTE
    else:
        assert found is None or found >= case.start + LOOKED_AT * MINUTE


@steady
@given(cases(), st.floats(0, 5000), st.floats(0, 5000))
def test_more_minutes_never_arrive_earlier(case: Case, item: float, other: float) -> None:
    hours = case.hours
    sooner, later = (hours.add(case.start, minutes) for minutes in sorted((item, other)))
    assert later is None or (sooner is not None and sooner <= later)


@steady
@given(cases(), st.timedeltas(timedelta(0), timedelta(days=5)), st.floats(0, 5000))
def test_who_starts_later_never_arrives_earlier(
    case: Case, later: timedelta, minutes: float
) -> None:
    hours = case.hours
    first, second = hours.add(case.start, minutes), hours.add(case.start + later, minutes)
    assert first is None or second is None or first <= second


@steady
@given(cases(), st.timedeltas(timedelta(0), timedelta(days=30)))
def test_as_many_minutes_pass_as_were_added(case: Case, wanted: timedelta) -> None:
    hours = case.hours
    reached = hours.add(case.start, wanted / MINUTE)
    if reached is not None:
        assert hours.open_minutes(case.start, reached) == wanted / MINUTE


@steady
@given(cases(), st.lists(st.timedeltas(timedelta(0), timedelta(days=9)), min_size=3, max_size=3))
def test_minutes_of_parts_add_up(case: Case, passed: list[timedelta]) -> None:
    hours = case.hours
    first, second, third = (case.start + item for item in sorted(passed))
    parts = hours.open_minutes(first, second) + hours.open_minutes(second, third)
    assert abs(parts - hours.open_minutes(first, third)) < 1e-6


@steady
@given(st.sampled_from(CHANGES), st.integers(-3, 3), st.integers(0, 2880))
def test_a_local_time_shows_on_the_clock_or_is_left_out(
    change: tuple[str, date], days: int, minutes: int
) -> None:
    zone, day = ZoneInfo(change[0]), change[1] + timedelta(days=days)
    moment = Hours(Timetable(zone, {})).at_local(day, minutes)
    wanted = datetime(day.year, day.month, day.day) + minutes * MINUTE  # noqa: DTZ001
    shown, before = (
        item.astimezone(zone).replace(tzinfo=None) for item in (moment, moment - MINUTE)
    )
    assert shown == wanted or before < wanted < shown
