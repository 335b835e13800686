"""Business time on days that are told one by one: clocks put on and back, holidays, midnight."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.hours.hours import (
    FURTHEST,
    REMEMBERED_DAYS,
    WHOLE_DAY,
    Hours,
    PublicHolidays,
    Span,
    Timetable,
    around_the_clock,
)

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
WORKDAY = Span(9 * 60, 19 * 60)
NIGHT = Span(20 * 60, 26 * 60)
CLOSED: tuple[Span, ...] = ()


def hours_of(
    *spans: Span,
    zone: ZoneInfo = MOSCOW,
    days: range = range(7),
    holidays: PublicHolidays | None = None,
    exceptions: Mapping[date, tuple[Span, ...]] | None = None,
) -> Hours:
    """Hours with the same spans on every one of `days`."""
    return Hours(Timetable(zone, dict.fromkeys(days, spans), holidays, exceptions or {}))


def at(text: str, zone: ZoneInfo = MOSCOW, *, fold: int = 0) -> datetime:
    """A local time as `2026-07-08 12:30`."""
    # Python calls no time of the doubled hour equal to one of another zone, so all are UTC.
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestPlainDays:
    shop = hours_of(WORKDAY, days=range(5))

    def test_open_from_the_first_minute_until_before_the_last(self) -> None:
        assert not self.shop.is_open(at("2026-07-08 08:59:59"))
        assert self.shop.is_open(at("2026-07-08 09:00"))
        assert self.shop.is_open(at("2026-07-08 18:59:59.999999"))
        assert not self.shop.is_open(at("2026-07-08 19:00"))

    def test_minutes_pass_only_while_it_is_open(self) -> None:
        assert self.shop.add(at("2026-07-08 18:50"), 5) == at("2026-07-08 18:55")
        assert self.shop.add(at("2026-07-08 18:50"), 30) == at("2026-07-09 09:20")
        assert self.shop.add(at("2026-07-08 22:00"), 30) == at("2026-07-09 09:30")

    def test_a_friday_goes_on_on_monday(self) -> None:
        assert self.shop.add(at("2026-07-10 18:00"), 120) == at("2026-07-13 10:00")

    def test_the_first_moment_is_the_closing_not_the_next_opening(self) -> None:
        assert self.shop.add(at("2026-07-08 18:00"), 60) == at("2026-07-08 19:00")

    def test_no_minutes_are_now_also_when_closed(self) -> None:
        assert self.shop.add(at("2026-07-11 12:00"), 0) == at("2026-07-11 12:00")

    def test_parts_of_minutes_count(self) -> None:
        assert self.shop.add(at("2026-07-08 18:59:30"), 0.75) == at("2026-07-09 09:00:15")
        assert self.shop.open_minutes(at("2026-07-08 18:59:30"), at("2026-07-08 20:00")) == 0.5

    def test_open_minutes_of_a_week(self) -> None:
        assert self.shop.open_minutes(at("2026-07-06 00:00"), at("2026-07-13 00:00")) == 3000

    def test_nothing_passes_backwards(self) -> None:
        assert self.shop.open_minutes(at("2026-07-08 13:00"), at("2026-07-08 12:00")) == 0
        assert around_the_clock(MOSCOW).open_minutes(utc("2026-07-08"), utc("2026-07-07")) == 0

    def test_the_next_closing_is_todays_or_the_next_days(self) -> None:
        assert self.shop.next_closing(at("2026-07-08 12:00")) == at("2026-07-08 19:00")
        assert self.shop.next_closing(at("2026-07-10 19:00")) == at("2026-07-13 19:00")

    def test_the_next_opening_is_now_or_the_next(self) -> None:
        assert self.shop.next_opening(at("2026-07-08 12:00")) == at("2026-07-08 12:00")
        assert self.shop.next_opening(at("2026-07-10 19:00")) == at("2026-07-13 09:00")

    def test_answers_are_in_utc(self) -> None:
        noon = at("2026-07-08 12:00").astimezone(MOSCOW)
        answers = [
            *(self.shop.add(noon, 0), self.shop.add(noon, 5), self.shop.next_closing(noon)),
            *(self.shop.next_opening(noon), self.shop.at_local(date(2026, 7, 8), 0)),
            around_the_clock(MOSCOW).add(noon, 5),
        ]
        assert [answer and answer.tzinfo for answer in answers] == [UTC] * 6

    def test_the_local_date_is_the_zones(self) -> None:
        assert self.shop.local_date(utc("2026-07-08 20:59")) == date(2026, 7, 8)
        assert self.shop.local_date(utc("2026-07-08 21:00")) == date(2026, 7, 9)

    @pytest.mark.parametrize("minutes", [-1, -0.001, math.nan])
    def test_less_than_no_minutes_are_refused(self, minutes: float) -> None:
        for hours in (self.shop, around_the_clock(MOSCOW)):
            with pytest.raises(ValueError, match="no number of minutes"):
                hours.add(at("2026-07-08 12:00"), minutes)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (6, 5), (1440, 1500), (0, 2881)])
def test_what_is_no_span_of_a_day_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no span of a day"):
        Span(start, end)


class TestStretches:
    def test_spans_that_touch_are_one(self) -> None:
        shop = hours_of(Span(600, 720), Span(720, 900))
        assert shop.next_closing(at("2026-07-08 10:30")) == at("2026-07-08 15:00")

    def test_a_break_is_none_of_it(self) -> None:
        shop = hours_of(Span(600, 720), Span(780, 900))
        assert shop.next_closing(at("2026-07-08 10:30")) == at("2026-07-08 12:00")
        assert not shop.is_open(at("2026-07-08 12:30"))

    def test_spans_that_overlap_count_once(self) -> None:
        shop = hours_of(Span(600, 800), Span(700, 900), Span(720, 730))
        assert shop.open_minutes(at("2026-07-08 00:00"), at("2026-07-09 00:00")) == 300

    def test_touching_at_midnight_is_one(self) -> None:
        shop = hours_of(Span(0, 360), Span(1320, 1440))
        assert shop.next_closing(at("2026-07-08 23:00")) == at("2026-07-09 06:00")

    def test_over_midnight_belongs_to_the_day_it_begins_on(self) -> None:
        shop = hours_of(NIGHT, days=range(4, 5))
        assert shop.is_open(at("2026-07-11 01:59"))
        assert not shop.is_open(at("2026-07-10 01:59"))
        assert shop.next_closing(at("2026-07-10 21:00")) == at("2026-07-11 02:00")
        assert shop.open_minutes(at("2026-07-06 00:00"), at("2026-07-13 00:00")) == 360

    def test_a_span_may_last_two_days(self) -> None:
        shop = hours_of(Span(0, 2880), days=range(1))
        assert shop.next_closing(at("2026-07-06 00:00")) == at("2026-07-08 00:00")

    def test_whole_days_with_one_day_closed_end_before_it(self) -> None:
        shop = hours_of(WHOLE_DAY, exceptions={date(2026, 12, 31): CLOSED})
        assert shop.next_closing(at("2026-07-08 12:00")) == at("2026-12-31 00:00")
        assert shop.next_opening(at("2026-12-31 12:00")) == at("2027-01-01 00:00")


class TestExceptionsAndHolidays:
    def test_an_exception_wins_over_a_holiday_and_that_over_the_week(self) -> None:
        shop = hours_of(
            WORKDAY,
            holidays=PublicHolidays("RU", spans=(Span(600, 660),)),
            exceptions={date(2026, 1, 2): (Span(720, 750),), date(2026, 7, 8): CLOSED},
        )
        opened = [shop.next_opening(at(f"{day} 00:00")) for day in ("2026-01-01", "2026-01-02")]
        assert opened == [at("2026-01-01 10:00"), at("2026-01-02 12:00")]
        assert shop.next_opening(at("2026-07-08 00:00")) == at("2026-07-09 09:00")
        assert shop.next_opening(at("2026-07-07 00:00")) == at("2026-07-07 09:00")

    def test_nothing_is_open_on_holidays_unless_said(self) -> None:
        shop = hours_of(WORKDAY, holidays=PublicHolidays("RU"))
        # 1 to 8 January by law, 9 January 2026 in place of 3 January, by decree.
        assert shop.add(at("2026-01-01 12:00"), 60) == at("2026-01-10 10:00")

    def test_a_year_is_looked_up_when_time_gets_there(self) -> None:
        shop = hours_of(WORKDAY, holidays=PublicHolidays("US"), zone=ZoneInfo("America/New_York"))
        for year in (2024, 2025, 2026):
            assert shop.next_opening(at(f"{year}-07-04 12:00", shop.timetable.zone)) == at(
                f"{year}-07-05 09:00", shop.timetable.zone
            )

    def test_a_part_of_a_country_has_holidays_of_its_own(self) -> None:
        corpus_christi = at("2026-06-04 12:00", BERLIN)
        bavaria = hours_of(WORKDAY, zone=BERLIN, holidays=PublicHolidays("DE", "BY"))
        berlin = hours_of(WORKDAY, zone=BERLIN, holidays=PublicHolidays("DE", "BE"))
        assert not bavaria.is_open(corpus_christi)
        assert berlin.is_open(corpus_christi)

    def test_a_shift_goes_on_into_a_holiday_and_none_begins_on_it(self) -> None:
        shop = hours_of(NIGHT, zone=BERLIN, holidays=PublicHolidays("DE"))
        assert shop.is_open(at("2026-05-01 01:00", BERLIN))
        assert shop.next_closing(at("2026-04-30 21:00", BERLIN)) == at("2026-05-01 02:00", BERLIN)
        assert shop.next_opening(at("2026-05-01 02:00", BERLIN)) == at("2026-05-02 20:00", BERLIN)

    def test_a_leap_day_is_a_day(self) -> None:
        shop = hours_of(WORKDAY, exceptions={date(2028, 2, 29): (Span(600, 660),)})
        assert shop.open_minutes(at("2028-02-28 00:00"), at("2028-03-02 00:00")) == 1260
        assert shop.next_closing(at("2028-02-28 19:00")) == at("2028-02-29 11:00")


class TestFarAway:
    def test_a_shop_that_never_opens_has_no_moments(self) -> None:
        shop = hours_of()
        noon = at("2026-07-08 12:00")
        assert shop.add(noon, 1) is shop.next_opening(noon) is shop.next_closing(noon) is None
        assert shop.open_minutes(noon, noon + timedelta(days=30)) == 0

    def test_366_days_are_near_enough(self) -> None:
        opens = date(2027, 7, 9)
        shop = hours_of(exceptions={opens: (Span(720, 721),)})
        near, far = at("2026-07-08 12:00"), at("2026-07-08 11:59:59")
        assert shop.next_opening(near) == at("2027-07-09 12:00") == near + FURTHEST
        assert shop.next_opening(far) is None
        assert shop.next_closing(near + timedelta(minutes=1)) == at("2027-07-09 12:01")
        assert shop.next_closing(near) is None
        assert shop.add(near, 1) is None
        assert shop.add(near + timedelta(minutes=1), 1) == at("2027-07-09 12:01")

    def test_a_closing_after_366_days_is_none_though_open_now(self) -> None:
        shop = hours_of(WHOLE_DAY, exceptions={date(2027, 7, 9): CLOSED})
        assert shop.next_closing(at("2026-07-08 00:00")) == at("2027-07-09 00:00")
        assert shop.next_closing(at("2026-07-07 23:59")) is None

    @pytest.mark.parametrize("minutes", [366 * 1440 + 0.001, 1e12, 1e300, math.inf])
    def test_more_minutes_than_366_days_have_are_never(self, minutes: float) -> None:
        for hours in (hours_of(WORKDAY), around_the_clock(MOSCOW)):
            assert hours.add(at("2026-07-08 12:00"), minutes) is None


class TestAroundTheClock:
    hours = around_the_clock(BERLIN)

    def test_it_is_plain_addition(self) -> None:
        before = utc("2026-03-28 12:00")
        assert self.hours.add(before, 1440) == before + timedelta(days=1)
        assert self.hours.add(before, 366 * 1440) == before + FURTHEST
        assert self.hours.open_minutes(before, before + timedelta(days=800)) == 800 * 1440

    def test_it_is_open_and_never_closes(self) -> None:
        now = utc("2026-03-29 00:30")
        assert self.hours.is_open(now)
        assert self.hours.next_opening(now) == now
        assert self.hours.next_closing(now) is None

    @pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia"])
    def test_whole_days_walked_one_by_one_give_the_same(self, zone: str) -> None:
        walked = hours_of(Span(0, 700), Span(700, 1440), zone=ZoneInfo(zone))
        start = utc("2011-10-01 00:00")
        assert walked.next_closing(start) is None
        assert walked.open_minutes(start, start + timedelta(days=400)) == 400 * 1440
        assert walked.add(start, 200_000) == start + timedelta(minutes=200_000)


class TestClocksPutOnAndBack:
    @pytest.mark.parametrize(
        ("zone", "day", "minutes"),
        [
            ("Europe/Berlin", "2026-03-29", 23 * 60),
            ("Europe/Berlin", "2026-10-25", 25 * 60),
            ("America/New_York", "2026-03-08", 23 * 60),
            ("America/New_York", "2026-11-01", 25 * 60),
            ("Australia/Lord_Howe", "2026-10-04", 23.5 * 60),
            ("Australia/Lord_Howe", "2026-04-05", 24.5 * 60),
            ("Europe/Moscow", "2011-03-27", 23 * 60),
            ("Europe/Moscow", "2014-10-26", 25 * 60),
            ("America/Sao_Paulo", "2018-11-04", 23 * 60),
            ("America/Sao_Paulo", "2018-02-17", 25 * 60),
            ("Pacific/Apia", "2011-12-30", 0),
        ],
    )
    def test_a_day_has_the_minutes_that_pass(self, zone: str, day: str, minutes: float) -> None:
        first = date.fromisoformat(day)
        shop = hours_of(zone=ZoneInfo(zone), days=range(0), exceptions={first: (WHOLE_DAY,)})
        start, end = (shop.at_local(first, passed) for passed in (0, 1440))
        assert (end - start) / timedelta(minutes=1) == minutes
        assert shop.open_minutes(start - timedelta(days=3), end + timedelta(days=3)) == minutes

    def test_an_hour_that_is_left_out_does_not_pass(self) -> None:
        shop = hours_of(Span(60, 300), zone=BERLIN)
        assert shop.add(at("2026-03-29 01:30", BERLIN), 60) == at("2026-03-29 03:30", BERLIN)
        assert shop.open_minutes(utc("2026-03-28 23:00"), utc("2026-03-29 10:00")) == 180

    def test_an_hour_that_comes_twice_passes_twice(self) -> None:
        shop = hours_of(Span(60, 300), zone=BERLIN)
        second = at("2026-10-25 02:30", BERLIN, fold=1)
        assert shop.add(at("2026-10-25 01:30", BERLIN), 120) == second
        assert shop.open_minutes(utc("2026-10-24 22:00"), utc("2026-10-25 10:00")) == 300

    def test_what_begins_in_the_left_out_hour_begins_when_it_ends(self) -> None:
        shop = hours_of(Span(150, 300), zone=BERLIN)
        assert shop.next_opening(utc("2026-03-29 00:00")) == utc("2026-03-29 01:00")

    def test_what_lies_in_the_left_out_hour_is_left_out(self) -> None:
        shop = hours_of(Span(125, 175), zone=BERLIN)
        assert shop.next_opening(utc("2026-03-29 00:00")) == at("2026-03-30 02:05", BERLIN)

    def test_what_ends_in_the_doubled_hour_ends_the_first_time(self) -> None:
        shop = hours_of(Span(60, 150), zone=BERLIN)
        assert shop.next_closing(utc("2026-10-25 00:00")) == utc("2026-10-25 00:30")
        assert not shop.is_open(utc("2026-10-25 01:15"))

    def test_what_begins_in_the_doubled_hour_begins_the_first_time(self) -> None:
        shop = hours_of(Span(150, 300), zone=BERLIN)
        assert shop.next_opening(utc("2026-10-25 00:00")) == utc("2026-10-25 00:30")
        assert shop.is_open(utc("2026-10-25 01:15"))

    def test_a_shift_over_the_change(self) -> None:
        shop = hours_of(Span(1320, 1800), zone=BERLIN)
        spring, autumn = at("2026-03-28 22:00", BERLIN), at("2026-10-24 22:00", BERLIN)
        assert shop.next_closing(spring) == utc("2026-03-29 04:00")
        assert shop.next_closing(autumn) == utc("2026-10-25 05:00")


class TestLocalTimes:
    @pytest.mark.parametrize(
        ("zone", "day", "minutes", "moment"),
        [
            ("Europe/Moscow", "2026-07-08", 690, "2026-07-08 08:30"),
            ("Europe/Moscow", "2026-07-08", 1440, "2026-07-08 21:00"),
            ("Europe/Moscow", "2026-07-08", 1530, "2026-07-08 22:30"),
            ("Europe/Moscow", "2010-07-08", 690, "2010-07-08 07:30"),
            ("Europe/Moscow", "2012-01-08", 690, "2012-01-08 07:30"),
            ("Europe/Berlin", "2026-03-29", 119, "2026-03-29 00:59"),
            ("Europe/Berlin", "2026-03-29", 120, "2026-03-29 01:00"),
            ("Europe/Berlin", "2026-03-29", 179, "2026-03-29 01:00"),
            ("Europe/Berlin", "2026-03-29", 180, "2026-03-29 01:00"),
            ("Europe/Berlin", "2026-03-29", 181, "2026-03-29 01:01"),
            ("Europe/Berlin", "2026-10-25", 120, "2026-10-25 00:00"),
            ("Europe/Berlin", "2026-10-25", 179, "2026-10-25 00:59"),
            ("Europe/Berlin", "2026-10-25", 180, "2026-10-25 02:00"),
            ("Australia/Lord_Howe", "2026-10-04", 135, "2026-10-03 15:30"),
            ("Australia/Lord_Howe", "2026-04-05", 105, "2026-04-04 14:45"),
            ("America/Sao_Paulo", "2018-11-04", 30, "2018-11-04 03:00"),
            ("Pacific/Apia", "2011-12-30", 720, "2011-12-30 10:00"),
        ],
    )
    def test_as_utc(self, zone: str, day: str, minutes: int, moment: str) -> None:
        hours = around_the_clock(ZoneInfo(zone))
        assert hours.at_local(date.fromisoformat(day), minutes) == utc(moment)

    def test_a_date_that_comes_again_after_midnight_is_the_old_one(self) -> None:
        # St John's put its clocks back from 00:01 to 23:01, so the new day had begun once.
        zone, sunday = ZoneInfo("America/St_Johns"), date(2006, 10, 29)
        shop = hours_of(zone=zone, exceptions={sunday: (WHOLE_DAY,)})
        again = utc("2006-10-29 02:45")
        assert shop.local_date(again) == date(2006, 10, 28)
        assert shop.is_open(again)
        assert shop.next_opening(utc("2006-10-28 12:00")) == utc("2006-10-29 02:30")


def test_no_more_days_are_remembered_than_said() -> None:
    shop = hours_of(WORKDAY)
    shop.open_minutes(utc("2020-01-01"), utc("2026-01-01"))
    assert shop._window.cache_info().currsize == REMEMBERED_DAYS
