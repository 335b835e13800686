"""Money of other currencies: converted by the policy's rates, or unknown, and never bare."""

from datetime import date
from decimal import Decimal

import pytest
from ranking_builders import a_need, a_policy

from service.leads.lead import Channel, Item
from service.ranking.score import find_budget
from service.rules.policy import Rate

RATES = {"USD": Rate(80.5, date(2026, 11, 28)), "KZT": Rate(0.16, date(2026, 11, 27))}
WITH_RATES = a_policy(
    rates={"USD": {"rate": 80.5, "on": "2026-11-28"}, "KZT": {"rate": 0.16, "on": "2026-11-27"}}
)


def an_item(price: str, currency: str | None = None, pieces: int = 1) -> Item:
    return Item("артикул 7", Decimal(pieces), Decimal(price), currency)


@pytest.mark.parametrize("currency", [None, "RUB"])
def test_the_queue_s_own_currency_is_not_converted(currency: str | None) -> None:
    need = a_need(channel=Channel.SITE_ORDER, budget=Decimal(5000), currency=currency)
    found = find_budget(need, WITH_RATES)
    assert (found.value, found.source, found.conversion) == (5000.0, "stated", None)


def test_another_currency_is_converted_with_its_day() -> None:
    dollars = a_need(channel=Channel.SITE_ORDER, budget=Decimal(1000), currency="USD")
    tenge = a_need(channel=Channel.SITE_ORDER, budget=Decimal(50_000), currency="KZT")
    found, less = find_budget(dollars, WITH_RATES), find_budget(tenge, WITH_RATES)
    assert (found.value, found.source) == (80_500.0, "converted")
    assert found.conversion is not None
    assert found.conversion.rates == {"USD": RATES["USD"]}
    assert less.value == 8000.0


def test_articles_of_several_currencies_are_added_in_the_queue_s() -> None:
    items = (an_item("10", "USD", 2), an_item("500"), an_item("100", "RUB"))
    need = a_need(channel=Channel.SITE_ORDER, items=items)
    assert find_budget(need, WITH_RATES).value == 20 * 80.5 + 600
    in_tenge = a_need(channel=Channel.SITE_ORDER, items=items, currency="KZT")
    assert find_budget(in_tenge, WITH_RATES).value == 20 * 80.5 + 500 * 0.16 + 100


@pytest.mark.parametrize("of", ["stated", "items"])
def test_without_a_rate_the_budget_is_unknown_and_says_so(of: str) -> None:
    money = {"budget": Decimal(9)} if of == "stated" else {"items": (an_item("9"), an_item("1"))}
    need = a_need(channel=Channel.SITE_ORDER, currency="EUR", **money)
    found = find_budget(need, WITH_RATES)
    usual = WITH_RATES.kinds[need.kind].usual_bill
    assert (found.value, found.source) == (usual, "usual bill of self_order, no rate for EUR")
    assert found.conversion is not None
    assert (found.conversion.of, found.conversion.lacks) == (of, "EUR")
