"""Sums of another currency in a text are no price of the queue's; those of its own are."""

from decimal import Decimal

import pytest

from service.text.recognition import recognise

FOREIGN = (
    *("бюджет 500 USD", "до 500 usd", "$500 максимум", "до $1500", "500$", "1000 уе бюджет"),
    *("300 баксов", "budget 500 dollars", "up to 1500 euro", "€3000", "бюджет 5000 тенге"),
    *("10000 грн", "бюджет 2000 юаней", "бюджет 5 тысяч usd", "1500 CNY", "1500-2000 лир"),
    *("3 000 долларов", "5к долларов", "две тысячи евро", "2 000,50 eur", "25000 ₸"),
)


@pytest.mark.parametrize("text", FOREIGN)
def test_money_of_another_currency_is_no_price(text: str) -> None:
    assert recognise(text, "RU", "RUB").price is None


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("колодки до 5000 руб или 50 usd", 5000),
        ("куплю за 3 000 долларов, предоплата 20000 рублей", 20000),
        ("бюджет 20 тыс, доставка 30 евро", 20000),
        ("двигатель евро 5, до 30000", 30000),
        ("мой тг @shop, бюджет 7000", 7000),
        ("лирика не нужна, бюджет 7000", 7000),
    ],
)
def test_the_sum_beside_it_is_still_read(text: str, price: int) -> None:
    assert recognise(text, "RU", "RUB").price == Decimal(price)


def test_what_is_foreign_is_the_queues_to_say() -> None:
    assert recognise("бюджет 25000 тенге", "KZ", "KZT").price == Decimal(25000)
    assert recognise("бюджет 25000 руб", "KZ", "KZT").price is None
    assert recognise("бюджет 25000", "KZ", "KZT").price == Decimal(25000)
