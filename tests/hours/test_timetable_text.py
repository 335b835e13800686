"""Business hours from a policy's words: what is understood, and every mistake in them at once."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import steady

from service.hours.hours import Hours, PublicHolidays, Span, Timetable
from service.hours.timetable_text import (
    MAX_EXCEPTIONS,
    TimetableMistakes,
    read_days,
    read_local_time,
    read_timetable,
)
from service.leads.errors import FieldMistake

MOSCOW = ZoneInfo("Europe/Moscow")
WORKDAY = "09:00-19:00"
WHOLE = """
weekly: {mon-fri: "09:00-19:00", sat: ["15:00-18:00", "10:00-14:00"], sun: closed}
holidays: {country: DE, subdivision: BY, hours: "10:00-12:00"}
exceptions: {"2026-12-31": "09:00-15:00", 2027-01-08: Closed}
"""


def read(text: str) -> Timetable:
    return read_timetable(yaml.safe_load(text), MOSCOW)


def mistakes_of(text: str) -> list[FieldMistake]:
    with pytest.raises(TimetableMistakes) as caught:
        read(text)
    return caught.value.mistakes


def fields_and_reasons(text: str) -> list[tuple[str, str]]:
    return [(item.field, item.reason) for item in mistakes_of(text)]


def test_everything_that_can_be_said() -> None:
    workday, saturday = (Span(540, 1140),), (Span(600, 840), Span(900, 1080))
    assert read(WHOLE) == Timetable(
        zone=MOSCOW,
        weekly={**dict.fromkeys(range(5), workday), 5: saturday, 6: ()},
        holidays=PublicHolidays("DE", "BY", (Span(600, 720),)),
        exceptions={date(2026, 12, 31): (Span(540, 900),), date(2027, 1, 8): ()},
    )


def test_only_the_week_has_to_be_said() -> None:
    assert read("weekly: {wed: 9:00 – 12:30}") == Timetable(MOSCOW, {2: (Span(540, 750),)})
    assert read("{weekly: {wed: closed}, holidays: , exceptions: {}}") == Timetable(MOSCOW, {2: ()})


def test_on_holidays_it_is_closed_unless_said() -> None:
    found = read("{weekly: {mon: closed}, holidays: {country: ru}}")
    assert found.holidays == PublicHolidays("RU")


@pytest.mark.parametrize(
    ("sent", "span"),
    [
        ("00:00-24:00", Span(0, 1440)),
        ("20:00-24:00", Span(1200, 1440)),
        ("20:00-00:00", Span(1200, 1440)),
        ("20:00-02:00", Span(1200, 1560)),
        ("23:59-23:58", Span(1439, 2878)),
    ],
)
def test_spans_up_to_midnight_and_over_it(sent: str, span: Span) -> None:
    assert read(f"weekly: {{fri: '{sent}'}}").weekly == {4: (span,)}


def test_a_shop_that_never_closes_is_understood_as_one() -> None:
    found = read("weekly: {mon-sun: '00:00-24:00'}")
    assert Hours(found).next_closing(datetime(2026, 7, 8, tzinfo=MOSCOW)) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon", {0}),
        ("mon-sun", {0, 1, 2, 3, 4, 5, 6}),
        ("fri-mon", {4, 5, 6, 0}),
        ("sun-mon", {6, 0}),
        ("mon,wed", {0, 2}),
        ("Mon - Tue, SAT", {0, 1, 5}),
        ("tue-tue", {1}),
    ],
)
def test_days(text: str, days: set[int]) -> None:
    assert read_days(text) == days


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", '"" is no day'),
        ("monday", '"monday" is no day'),
        ("mon-", '"" is no day'),
        ("mon,", '"" is no day'),
        ("mon-tue-wed", '"mon-tue-wed" is no day'),
        ("пн", '"пн" is no day'),
        ("mon,mon", "mon is said twice"),
        ("mon-wed,tue", "tue is said twice"),
        ("sat-mon,sun", "sun is said twice"),
        ("x" * 1000, f'"{"x" * 40}" is no day'),
    ],
)
def test_what_is_no_days(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        read_days(text)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("12:00", 720), ("00:00", 0), ("9:05", 545), (" 23:59 ", 1439), ("24:00", 1440)],
)
def test_local_times(text: str, minutes: int) -> None:
    assert read_local_time(text) == minutes


@pytest.mark.parametrize(
    "text",
    ["", "9", "9:5", "25:00", "24:01", "12:60", "12:00:00", "12.00", "١٢:٠٠", "noon"],
)
def test_what_is_no_local_time(text: str) -> None:
    with pytest.raises(ValueError, match="is no time of day"):
        read_local_time(text)


SPAN_MISTAKES = [
    ("'9-19'", "", '"9" is no time of day'),
    ("'25:00-26:00'", "", '"25:00" is no time of day'),
    ("'09:00'", "", '"09:00" is no span of time'),
    ("'09:00-12:00-15:00'", "", '"09:00-12:00-15:00" is no span of time'),
    ("open", "", '"open" is no span of time'),
    ("'09:00-09:00'", "", '"09:00-09:00" begins and ends at the same time'),
    ("'24:00-02:00'", "", '"24:00-02:00" begins when the day is over'),
    ("10:00", "", '"600" is no hours of a day'),
    ("", "", "nothing is no hours of a day"),
    ("no", "", '"False" is no hours of a day'),
    ("[]", "", '"[]" is no hours of a day'),
    ("{from: 9}", "", "\"{'from': 9}\" is no hours of a day"),
    ("['09:00-10:00', closed]", ".1", '"closed" is no span of time'),
    ("['09:00-10:00', 5]", ".1", '"5" is no span of time'),
    ("['9-10', '11:00-12:00', '13']", ".0", '"9" is no time of day'),
    (
        "['09:00-12:00', '11:59-13:00']",
        ".1",
        '"11:59-13:00" overlaps "09:00-12:00" of hours.{0}.0',
    ),
]


@pytest.mark.parametrize(("hours", "place", "reason"), SPAN_MISTAKES)
@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("weekly: {{sat: {0}}}", "weekly.sat"),
        ("{{weekly: {{mon: closed}}, exceptions: {{2026-12-31: {0}}}}}", "exceptions.2026-12-31"),
        ("{{weekly: {{mon: closed}}, holidays: {{country: RU, hours: {0}}}}}", "holidays.hours"),
    ],
)
def test_wrong_hours_of_a_day(hours: str, place: str, reason: str, text: str, field: str) -> None:
    found = fields_and_reasons(text.format(hours))
    assert found[0] == (f"hours.{field}{place}", reason.replace("{0}", field))


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ("{}", "weekly", "is missing"),
        ("weekly: {}", "weekly", "is missing"),
        ("weekly: 09:00-19:00", "weekly", '"09:00-19:00" is not understood'),
        ("weekly: [mon]", "weekly", "\"['mon']\" is not understood"),
        ("{weekly: {mon: closed}, lunch: 1}", "lunch", "is not known here"),
        ("weekly: {payday: closed}", "weekly.payday", '"payday" is no day'),
        ("weekly: {1: closed}", "weekly.1", '"1" is no day'),
        ("weekly: {mon-fri: closed, fri: closed}", "weekly.fri", "fri is said twice"),
        ("weekly: {'mon,mon': closed}", "weekly.mon,mon", "mon is said twice"),
        (
            "weekly: {mon: '20:00-02:00', tue: '01:59-03:00'}",
            "weekly.tue",
            '"01:59-03:00" overlaps "20:00-02:00" of hours.weekly.mon',
        ),
        (
            "weekly: {mon: '00:00-03:00', sun: ['10:00-11:00', '20:00-02:00']}",
            "weekly.mon",
            '"00:00-03:00" overlaps "20:00-02:00" of hours.weekly.sun.1',
        ),
        (
            "weekly: {mon-sun: ['01:00-02:00', '20:00-01:30']}",
            "weekly.mon-sun.0",
            '"01:00-02:00" overlaps "20:00-01:30" of hours.weekly.mon-sun.1',
        ),
    ],
)
def test_a_wrong_week(text: str, field: str, reason: str) -> None:
    assert fields_and_reasons(text) == [(f"hours.{field}", reason)]


def test_spans_that_touch_over_midnight_are_right() -> None:
    read("weekly: {mon-sun: ['02:00-12:00', '12:00-13:00', '20:00-02:00']}")


def test_one_long_span_overlaps_every_one_in_it() -> None:
    found = fields_and_reasons("weekly: {mon: ['08:00-20:00', '09:00-10:00', '11:00-12:00']}")
    assert [field for field, _ in found] == ["hours.weekly.mon.1", "hours.weekly.mon.2"]
    assert all('overlaps "08:00-20:00" of hours.weekly.mon.0' in reason for _, reason in found)


@pytest.mark.parametrize(
    ("sent", "field", "reason"),
    [
        ("closed", "", '"closed" is not understood'),
        ("{hours: closed}", ".country", "nothing is no country whose holidays are known"),
        ("{country: ''}", ".country", '"" is no country whose holidays are known'),
        ("{country: XX}", ".country", '"XX" is no country whose holidays are known'),
        ("{country: Russia}", ".country", '"Russia" is no country whose holidays are known'),
        ("{country: NO}", ".country", '"False" is no country whose holidays are known'),
        ("{country: RU, region: MOW}", ".region", "is not known here"),
    ],
)
def test_wrong_holidays(sent: str, field: str, reason: str) -> None:
    found = fields_and_reasons(f"{{weekly: {{mon: closed}}, holidays: {sent}}}")
    assert found == [(f"hours.holidays{field}", reason)]


@pytest.mark.parametrize(("country", "part"), [("DE", "XX"), ("AT", 9), ("RU", "MOW"), ("GB", "")])
def test_an_unknown_part_of_a_country(country: str, part: object) -> None:
    sent = {"weekly": {"mon": WORKDAY}, "holidays": {"country": country, "subdivision": part}}
    with pytest.raises(TimetableMistakes) as caught:
        read_timetable(sent, MOSCOW)
    reason = f'"{part}" is no part of {country} with known holidays'
    assert [(mistake.field, mistake.reason) for mistake in caught.value.mistakes] == [
        ("hours.holidays.subdivision", reason)
    ]


def test_the_remedy_names_the_parts_of_a_country() -> None:
    text = "{{weekly: {{mon: closed}}, holidays: {{country: {0}, subdivision: Wales}}}}"
    one_of, none = (mistakes_of(text.format(country))[0].remedy for country in ("GB", "RU"))
    assert one_of == "leave it out, or write in quotes one of ENG, NIR, SCT, WLS"
    assert none == "leave it out: the holidays known are those of all RU"


@pytest.mark.parametrize(
    ("key", "field", "reason"),
    [
        ("'2026-02-30'", "2026-02-30", "there is no 2026-02-30"),
        ("'2027-02-29'", "2027-02-29", "there is no 2027-02-29"),
        ("'20261231'", "20261231", '"20261231" is no date'),
        ("'2026-W01-1'", "2026-W01-1", '"2026-W01-1" is no date'),
        ("31.12.2026", "31.12.2026", '"31.12.2026" is no date'),
        ("2026-12-31 10:00:00", "2026-12-31 10:00:00", '"2026-12-31 10:00:00" is no date'),
        ("5", "5", '"5" is no date'),
        ("{0}: closed, '2026-12-31'", "2026-12-31", "is said twice"),
    ],
)
def test_wrong_dates(key: str, field: str, reason: str) -> None:
    key = key.replace("{0}", "2026-12-31")
    found = fields_and_reasons(f"{{weekly: {{mon: closed}}, exceptions: {{{key}: closed}}}}")
    assert found == [(f"hours.exceptions.{field}", reason)]


def test_as_many_exceptions_as_allowed() -> None:
    days = [str(date.fromordinal(740_000 + passed)) for passed in range(MAX_EXCEPTIONS + 1)]
    week = {"weekly": {"mon": WORKDAY}}
    read_timetable({**week, "exceptions": dict.fromkeys(days[1:], "closed")}, MOSCOW)
    with pytest.raises(TimetableMistakes, match="has 401 dates, at most 400 are allowed"):
        read_timetable({**week, "exceptions": dict.fromkeys(days, "closed")}, MOSCOW)


def test_all_mistakes_come_at_once_each_with_a_remedy() -> None:
    found = mistakes_of("""
        weekly: {mon-fri: ["9-19", "10:00-12:00"], fri: closed, sun: 5}
        holidays: {country: XX, hours: [], region: 1}
        exceptions: {"2026-02-30": "10:00-25:00"}
        lunch: never
    """)
    assert {item.field for item in found} == {
        *("hours.lunch", "hours.weekly.mon-fri.0", "hours.weekly.fri", "hours.weekly.sun"),
        *("hours.holidays.country", "hours.holidays.hours", "hours.holidays.region"),
        "hours.exceptions.2026-02-30",
    }
    assert len(found) == 9
    assert all(item.reason and item.remedy for item in found)


def test_the_path_is_the_callers() -> None:
    with pytest.raises(TimetableMistakes, match=r"^shops\.1\.hours\.weekly: is missing$"):
        read_timetable({}, MOSCOW, "shops.1.hours")


words = st.text(max_size=9)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["weekly", "holidays", "exceptions", "country", "mon", "mon-fri", "hours"])
anything = st.dictionaries(names, values | st.dictionaries(names, values), max_size=4)


@steady
@given(anything)
def test_whatever_is_said_is_read_or_has_its_mistakes_named(sent: dict[str, object]) -> None:
    try:
        read_timetable(sent, MOSCOW)
        mistakes = None
    except TimetableMistakes as wrong:
        mistakes = wrong.mistakes
    assert mistakes is None or mistakes
    assert all(mistake.field.startswith("hours") and mistake.remedy for mistake in mistakes or ())
