"""Sums in words and slang; a car of the same name, a mileage and an address are none."""

from decimal import Decimal

import pytest

from service.text.recognition import recognise


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("есть пятерка на колодки", 5000),
        ("до 2-х тысяч", 2000),
        ("уложиться бы в десятку", 10_000),
        ("тыща-полторы за щетки", 1500),
        ("три с половиной тысячи", 3500),
        ("тысяча пятьсот рублей", 1500),
        ("две тысячи триста", 2300),
        ("тысяч пять семь на стойки", 7000),
        ("двадцать пять тысяч", 25_000),
        ("пол ляма на движок", 500_000),
        ("полтора ляма", 1_500_000),
        ("лям на двигатель", 1_000_000),
        ("тыщу дам", 1000),
        ("рублей за пятьсот", 500),
        ("за 20т двигатель", 20_000),
        ("15 тыров", 15_000),
        ("в тридцатку влезем по подвеске?", 30_000),
        ("семь тыр за насос", 7000),
        ("три сотни тысяч на мотор", 300_000),
        ("не дороже 5-6 тысяч", 6000),
        ("8000 максимум", 8000),
        ("бюджет восемь", 8000),
        ("ценник до трёх с половиной", 3500),
        ("тридцать пять наш потолок", 35_000),
        ("миллион триста за мотор", 1_300_000),
        ("двадцатку дам за коробку", 20_000),
        ("2 тысячи 450 рублей за лампы", 2450),
        ("шины до 18, не больше", 18),
        ("на всё 7500", 7500),
        ("до 10 тысяч\nа хорошие? могу до 15", 15_000),
    ],
)
def test_a_sum_is_understood(text: str, amount: int) -> None:
    assert recognise(text, "RU", None).price == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "колодки на десятку",
        "есть десятка 2008 года",
        "отходили 60 тысяч, нужны стойки",
        "каждые 10 тысяч меняю масло",
        "дом 5000 подъезд 2",
        "буду до 15, нужны колодки",
    ],
)
def test_another_number_is_no_sum(text: str) -> None:
    assert recognise(text, "RU", None).price is None


@pytest.mark.parametrize(
    "text", ["до 900 за штуку", "по 1400 за штуку две", "2500 р/шт", "по 1800 рублей каждая"]
)
def test_a_price_of_one_piece_is_known_as_such(text: str) -> None:
    assert recognise(text, "RU", None).price_is_each


@pytest.mark.parametrize("text", ["до 5000 за комплект", "9000 за стойки", "за 4000 два рычага"])
def test_a_price_of_all_is_none_of_one(text: str) -> None:
    assert not recognise(text, "RU", None).price_is_each


@pytest.mark.parametrize(
    "text",
    [
        "работаете до двух?",
        "бюджет пять человек не потянут",
        "намотал 120000, меняем цепь",
        "давление 1800 бар",
        "моточасов 3500",
        "каждые 7000, сейчас 21000 пробег",
        "двадцать пять максимум дней",
    ],
)
def test_what_counts_something_else_is_no_sum(text: str) -> None:
    assert recognise(text, "RU", None).price is None


def test_a_price_by_the_piece_is_of_one_piece() -> None:
    assert recognise("по 900 рублей за стойку, надо четыре", "RU", None).price_is_each
    assert not recognise("по 900 рублей за все четыре", "RU", None).price_is_each
