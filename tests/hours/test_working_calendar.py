"""Weekends that are worked, short days before holidays, and a day that ends at 23:59."""

import subprocess
import sys
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from service.hours.hours import Hours
from service.hours.timetable_text import TimetableMistakes, read_timetable

MOSCOW = ZoneInfo("Europe/Moscow")
WEEK = {"mon-thu": "09:00-19:00", "fri": "09:00-18:00", "sat": "10:00-15:00"}
RUSSIA = {"country": "RU", "hours": "closed"}


def is_open(moment: str, **sent: Any) -> bool:
    hours = Hours(read_timetable({"weekly": WEEK, "holidays": RUSSIA, **sent}, MOSCOW))
    return hours.is_open(datetime.fromisoformat(moment).replace(tzinfo=MOSCOW))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2027-02-20T09:30", True),  # a Saturday worked instead of the Monday after it
        ("2027-02-20T17:30", True),
        ("2027-02-20T18:30", False),  # Friday's hours, not Thursday's
        ("2027-02-22T12:00", False),  # the Monday
        ("2027-02-13T09:30", False),  # any other Saturday
        ("2027-02-13T12:00", True),
    ],
)
def test_a_worked_saturday_has_the_hours_of_friday(moment: str, expected: bool) -> None:
    assert is_open(moment) is expected


def test_the_policys_own_list_wins_over_the_calendar() -> None:
    own = {"2027-02-20": "12:00-13:00"}
    assert not is_open("2027-02-20T11:59", exceptions=own)
    assert is_open("2027-02-20T12:30", exceptions=own)
    assert not is_open("2027-02-20T12:30", exceptions={"2027-02-20": "closed"})


def test_a_shop_without_holidays_knows_no_worked_weekends() -> None:
    assert not is_open("2027-02-20T17:30", holidays=None)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-06-11T17:30", True),  # the day before Russia Day
        ("2026-06-11T18:30", False),
        ("2026-06-10T18:30", True),
        ("2026-11-03T18:30", False),  # the day before Unity Day
        ("2026-12-30T18:30", True),  # 31 December 2026 only stands for another day off
        ("2026-11-04T12:00", False),  # a holiday is not made a short day
        ("2026-05-10T12:00", False),  # nor is a Sunday, on which it is closed anyway
    ],
)
def test_the_day_before_a_holiday_is_short(moment: str, expected: bool) -> None:
    assert is_open(moment, short_days="09:00-18:00") is expected


def test_short_days_may_be_dates() -> None:
    sent = {"hours": "09:00-14:00", "dates": ["2026-12-30"]}
    assert not is_open("2026-12-30T15:00", short_days=sent)
    assert is_open("2026-12-30T13:00", short_days=sent)
    assert is_open("2026-06-11T18:30", short_days=sent)  # then no other day is short
    assert not is_open("2026-12-30T15:00", short_days=sent, holidays=None)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ("nine", "hours.short_days"),
        (7, "hours.short_days"),
        ({"hours": "09:00-14:00"}, "hours.short_days.dates"),
        ({"hours": "09:00-14:00", "dates": []}, "hours.short_days.dates"),
        ({"hours": "09:00-14:00", "dates": ["2026-02-30"]}, "hours.short_days.dates"),
        ({"hours": "09:00-14:00", "days": ["2026-12-30"]}, "hours.short_days.days"),
    ],
)
def test_mistakes_in_short_days_are_named(sent: object, field: str) -> None:
    with pytest.raises(TimetableMistakes) as caught:
        is_open("2026-12-30T15:00", short_days=sent)
    assert field in [mistake.field for mistake in caught.value.mistakes]


def test_days_before_holidays_need_holidays() -> None:
    with pytest.raises(TimetableMistakes) as caught:
        is_open("2026-12-30T15:00", short_days="09:00-18:00", holidays=None)
    assert [mistake.field for mistake in caught.value.mistakes] == ["hours.short_days"]


@pytest.mark.parametrize("span", ["00:00-23:59", "00:00-24:00"])
def test_a_minute_before_midnight_is_midnight(span: str) -> None:
    hours = Hours(read_timetable({"weekly": {"mon-sun": span}}, MOSCOW))
    assert hours.timetable.never_closes()
    assert is_open("2026-06-10T23:59:30", weekly={"mon-sun": span}, holidays=None)


def test_an_evening_to_a_minute_before_midnight_goes_on_to_midnight() -> None:
    weekly = {"wed": "18:00-23:59", "thu": "00:00-02:00"}
    assert is_open("2026-06-10T23:59:59", weekly=weekly, holidays=None)
    hours = Hours(read_timetable({"weekly": weekly}, MOSCOW))
    evening = datetime(2026, 6, 10, 20, tzinfo=MOSCOW)
    assert hours.next_closing(evening) == datetime(2026, 6, 11, 2, tzinfo=MOSCOW)


def test_one_countrys_calendar_loads_no_other() -> None:
    """In a process of its own: the package would load 250 countries, and keep 8 MB for them."""
    asked = (
        "import sys; from service.hours.country_calendar import country_calendar as calendar;"
        "assert len(calendar('RU', year=2026)) > 8 and len(calendar('KZ', year=2026)) > 8;"
        "print(sum(name.startswith('holidays.countries.') for name in sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True)
    assert int(loaded.stdout) == 2
