"""The times that a desk proposes for a call: never in the night."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from service.hours.hours import Hours, Span, Timetable
from service.pages.claims.callbacks import later_slots, slots

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
NIGHT = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)


def hours(*spans: Span) -> Hours:
    return Hours(Timetable(ZoneInfo("UTC"), dict.fromkeys(range(7), spans)))


ALWAYS, DAY = hours(Span(0, 1439)), hours(Span(600, 1200))


@pytest.mark.parametrize(
    ("shop", "now", "expected"),
    [
        (DAY, NOON, "30 25 12:30, 60 25 13:00, 180 25 15:00, open1 26 10:00, open2 27 10:00"),
        (DAY, NIGHT, "open0 25 10:00, open1 26 10:00, open2 27 10:00"),
        (
            ALWAYS,
            NIGHT,
            "30 25 02:00, 60 25 02:30, 180 25 04:30,"
            " open0 25 09:00, open1 26 09:00, open2 27 09:00",
        ),
    ],
)
def test_soon_and_in_the_mornings(shop: Hours, now: datetime, expected: str) -> None:
    found = [f"{slot.name} {slot.at:%d %H:%M}" for slot in slots(shop, now)]
    assert ", ".join(found) == expected


@pytest.mark.parametrize(
    ("shop", "now", "expected"),
    [
        (DAY, NOON, ["days2 27 12:00", "days7 02 12:00"]),
        (DAY, NIGHT, ["days2 27 10:00", "days7 02 10:00"]),
        (ALWAYS, NIGHT, ["days2 27 09:00", "days7 02 09:00"]),
    ],
)
def test_who_thinks_about_it_is_asked_days_later(
    shop: Hours, now: datetime, expected: list[str]
) -> None:
    assert [f"{slot.name} {slot.at:%d %H:%M}" for slot in later_slots(shop, now)] == expected
