"""Money, times and sums as people write them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from service.pages.formats import Formats, read_sum

NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
RUSSIAN = Formats("ru", "RUB", ZoneInfo("Europe/Moscow"), "RU", NOW)
ENGLISH = Formats("en", "RUB", ZoneInfo("Europe/Moscow"), "RU", NOW)


def plain(text: str) -> str:
    assert " " not in text or "," in text  # no line may break inside of it
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "russian", "english"),
    [
        (8500, "8 500 ₽", "8,500 RUB"),
        ("8500.50", "8 500,50 ₽", "8,500.50 RUB"),
        (Decimal("0"), "0 ₽", "0 RUB"),
    ],
)
def test_money(value: Decimal, russian: str, english: str) -> None:
    assert plain(RUSSIAN.money(value)) == russian
    assert plain(ENGLISH.money(value)) == english


@pytest.mark.parametrize(
    ("value", "shown"), [(0.3, "< 1 ₽"), (7.21, "7,2 ₽"), (7, "7 ₽"), (2400.4, "2 400 ₽")]
)
def test_a_minutes_cost_has_no_false_precision(value: float, shown: str) -> None:
    assert plain(RUSSIAN.cost(value)) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0 с"),
        (36, "36 с"),
        (12 * 60, "12 мин"),
        (5 * 3600 + 20 * 60, "5 ч 20 мин"),
        (30 * 3600, "30 ч"),
        (49 * 3600, "2 дн"),
    ],
)
def test_durations(seconds: float, shown: str) -> None:
    assert plain(RUSSIAN.duration(seconds)) == shown


def test_moments_are_the_shops() -> None:
    assert RUSSIAN.moment(NOW) == "12:00"
    assert RUSSIAN.moment(NOW + timedelta(days=1)) == "11 июн., 12:00"
    assert RUSSIAN.moment(NOW - timedelta(days=400)) == "06.05.2025 12:00"
    assert plain(RUSSIAN.phone("+79160000001")) == "+7 916 000-00-01"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("8500", "8500"),
        ("8 500", "8500"),
        ("8\u00a0500,50", "8500.50"),
        ("8,500.00", "8500.00"),
        ("8 500 ₽", "8500"),
        ("12,5", "12.5"),
        ("8,500", "8500"),
    ],
)
def test_sums_are_read_as_people_type_them(typed: str, value: str) -> None:
    assert read_sum(typed) == Decimal(value)


@pytest.mark.parametrize("typed", ["восемь", "-1", "1e5", "", "1.2.3", "NaN", "Infinity", "٣"])
def test_what_is_no_sum(typed: str) -> None:
    assert read_sum(typed) is None
