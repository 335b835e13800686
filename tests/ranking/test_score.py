"""Where the numbers of a score are taken from, and the design's worked numbers."""

import math
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from builders import NOON, a_signal
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import DEFAULT, steady

from service.leads.lead import Intent, Item, Kind
from service.ranking.score import (
    Finding,
    find_budget,
    find_chance,
    find_urgency,
    patience_minutes,
    scale,
    score,
    urgency_of,
)

WEEK = 7 * 24 * 60
PADS = Item("pads", Decimal(2), Decimal("1250.50"))
OIL = Item("oil", Decimal("0.5"), Decimal("999.99"))
UNPRICED = Item("discs", Decimal(2), None)
TOMORROW = NOON + timedelta(days=1)


def test_a_sale_has_the_chance_of_its_kind() -> None:
    assert find_chance(a_signal(), Kind.CHAT, DEFAULT) == Finding(0.45, "kind chat", "A3")


def test_an_intent_takes_its_part_of_the_chance() -> None:
    policy = replace(DEFAULT, intents={**DEFAULT.intents, Intent.RETURN: 0.5})
    found = find_chance(a_signal(intent=Intent.RETURN), Kind.PHONE, policy)
    assert found == Finding(0.2, "kind phone, intent return", "A3, A10")


@pytest.mark.parametrize("stated", [Decimal("750.25"), Decimal(0)])
def test_a_stated_budget_goes_before_the_items(stated: Decimal) -> None:
    found = find_budget(a_signal(budget=stated, items=(PADS,)), Kind.CHAT, DEFAULT)
    assert found == Finding(float(stated), "stated", "A1")


def test_without_a_budget_the_priced_items_are_added_up_to_the_cent() -> None:
    found = find_budget(a_signal(items=(PADS, OIL, UNPRICED)), Kind.CHAT, DEFAULT)
    assert found == Finding(3001.00, "items", "A1")


@pytest.mark.parametrize("items", [(), (UNPRICED,)])
def test_without_a_price_the_budget_is_the_usual_bill(items: tuple[Item, ...]) -> None:
    found = find_budget(a_signal(items=items), Kind.OFFLINE, DEFAULT)
    assert found == Finding(12000, "usual bill of offline", "A1")


@pytest.mark.parametrize("stated", [0.7, 0.0])
def test_a_stated_urgency_goes_before_the_time_left(stated: float) -> None:
    found = find_urgency(a_signal(urgency=stated, needed_by=TOMORROW), Kind.CHAT, DEFAULT, NOON)
    assert found == Finding(stated, "stated", "A1")


def test_without_an_urgency_the_time_left_decides() -> None:
    found = find_urgency(a_signal(needed_by=TOMORROW), Kind.CHAT, DEFAULT, NOON)
    minutes_left = 24 * 60
    by_the_design = 1 - math.log(minutes_left) / math.log(WEEK)
    assert found == Finding(pytest.approx(by_the_design), "needed_by", "A5")


def test_without_a_date_the_urgency_is_that_of_the_kind() -> None:
    found = find_urgency(a_signal(), Kind.OFFLINE, DEFAULT, NOON)
    assert found == Finding(0.35, "kind offline", "A3")


@pytest.mark.parametrize("minutes_left", [1, 0.5, 0, -60, -1e9])
def test_a_minute_left_or_less_is_the_greatest_urgency(minutes_left: float) -> None:
    assert urgency_of(minutes_left, DEFAULT) == 1


@pytest.mark.parametrize("minutes_left", [WEEK, WEEK + 1, 1e9])
def test_a_week_left_or_more_is_no_urgency(minutes_left: float) -> None:
    assert urgency_of(minutes_left, DEFAULT) == 0


@steady
@given(st.floats(1, WEEK))
def test_the_urgency_of_a_time_has_that_time_as_its_patience(minutes_left: float) -> None:
    patience = patience_minutes(urgency_of(minutes_left, DEFAULT), DEFAULT)
    assert patience == pytest.approx(minutes_left)


@pytest.mark.parametrize(
    ("urgency", "minutes", "digits"),
    [(1, 1, 0), (0.5, 100, 0), (0.35, 6.6 * 60, -1), (0.1, 2.8 * 24 * 60, -2), (0, WEEK, 0)],
)
def test_patience_is_that_of_the_design(urgency: float, minutes: float, digits: int) -> None:
    assert round(patience_minutes(urgency, DEFAULT), digits) == round(minutes, digits)


@pytest.mark.parametrize(
    ("budget", "urgency", "patience", "cost", "points"),
    [
        pytest.param(5000, 0.9, 2.51, 895.03, "65.86", id="pads: 900 a minute"),
        pytest.param(150000, 0.2, 1595.03, 42.32, "43.79", id="body: 42 a minute"),
    ],
)
def test_the_worked_example_of_the_design(
    budget: int, urgency: float, patience: float, cost: float, points: str
) -> None:
    found = score(a_signal(budget=Decimal(budget), urgency=urgency), Kind.CHAT, DEFAULT, NOON)
    assert found.patience_minutes == pytest.approx(patience, abs=0.005)
    assert found.cost_per_minute == pytest.approx(cost, abs=0.005)
    assert found.score == Decimal(points)


@pytest.mark.parametrize(
    ("cost", "points"), [(0, "0.00"), (0.1, "5.02"), (1e5, "100.00"), (1e15, "100.00")]
)
def test_the_scale_reaches_from_nothing_to_the_greatest_cost(cost: float, points: str) -> None:
    assert str(scale(cost, DEFAULT)) == points
