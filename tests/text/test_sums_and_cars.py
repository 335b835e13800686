"""Sums in words, in slang and without a unit; VINs in groups, with look-alikes and slips."""

from decimal import Decimal

import pytest

from service.text.recognition import recognise


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("до трёх тысяч", 3000),
        ("тысяч за пять", 5000),
        ("полторы тысячи", 1500),
        ("помпа тысячи за полторы", 1500),
        ("3 косаря", 3000),
        ("двадцать пять тыщ максимум", 25_000),
        ("за десятку", 10_000),
        ("пятихатка", 500),
        ("рублей за 700", 700),
        ("турбина за 12 000 есть?", 12_000),
        ("максимум 3000", 3000),
        ("не дороже 4500 найдёте", 4500),
        ("от 20 до 30 тысяч", 30_000),
        ("60 тысяч\nнет, максимум 25 тысяч", 25_000),
        ("у других за 45 000, мне до 30 000", 30_000),
        ("бюджет на резину 30000", 30_000),
    ],
)
def test_sums(text: str, price: int) -> None:
    assert recognise(text, "RU", None).price == Decimal(price)


@pytest.mark.parametrize(
    "text",
    [
        "до 12 завтра",
        "до 2000 оборотов",
        "пробег 240 тыс",
        "заказ за 15000 километров",
        "до 2015 года",
        "за 2 часа",
        "максимум 2 шт",
        "звонить до 18:00",
    ],
)
def test_what_is_no_sum(text: str) -> None:
    assert recognise(text, "RU", None).price is None


def test_a_small_sum_and_a_bare_one_are_marked() -> None:
    assert recognise("бюджет 100", "RU", None).price_is_small
    assert not recognise("бюджет 100 рублей", "RU", None).price_is_small
    assert recognise("колодки 2500 есть", "RU", None).price_is_bare
    assert not recognise("колодки до 2500", "RU", None).price_is_bare


@pytest.mark.parametrize(
    ("text", "vin"),
    [
        ("WVW ZZZ 1KZ 6W 612305", "WVWZZZ1KZ6W612305"),
        ("vinXTT316300B0012345", "XTT316300B0012345"),
        ("винZ94C241BBKR123456 рейка", "Z94C241BBKR123456"),
        ("1HGCM82633AOO4352", "1HGCM82633A004352"),
        ("Х9F4ХХЕЕD4СR12345", "X9F4XXEED4CR12345"),
        ("JTD-BR32E-720-123456", "JTDBR32E720123456"),
    ],
)
def test_vins_as_people_write_them(text: str, vin: str) -> None:
    assert recognise(text, "RU", None).vins == (vin,)


@pytest.mark.parametrize(
    "text",
    [
        "номер 8 916 123 45 67 8 916 123",
        "колодки 2 шт диски 4 шт",
        "1J0 615 301 E",
        "МАМА МЫЛА РАМУ 123",
    ],
)
def test_what_is_no_vin(text: str) -> None:
    assert recognise(text, "RU", None).vins == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("номер кузова NCP31 0098765", "NCP31-0098765"),
        ("рама GX110 6012345", "GX110-6012345"),
        ("NZE121-3012345", "NZE121-3012345"),
    ],
)
def test_body_numbers(text: str, number: str) -> None:
    assert recognise(text, "RU", None).body_numbers == (number,)


def test_a_model_and_a_telephone_are_no_body_number() -> None:
    assert recognise("RAV4 8912345", "RU", None).body_numbers == ()
