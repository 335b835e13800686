"""Where the numbers of a score are taken from, and the design's worked numbers."""

import math
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from builders import NOON
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import DEFAULT, WORDY, a_need, a_policy, steady

from service.leads.lead import Intent, Item, Kind, Outcomes
from service.ranking.index import IndexTerms, patience_of
from service.ranking.score import (
    Finding,
    find_budget,
    find_chance,
    find_urgency,
    scale,
    score,
    urgency_of,
)

WEEK = 7 * 24 * 60
PADS = Item("pads", Decimal(2), Decimal("1250.50"))
OIL = Item("oil", Decimal("0.5"), Decimal("999.99"))
UNPRICED = Item("discs", Decimal(2), None)
WORDY_CAP = [{"signal": "patient", "phrases": ["не срочно"], "urgency_at_most": 0.4, "rule": "A5"}]
TOMORROW = NOON + timedelta(days=1)


def test_a_sale_has_the_chance_of_its_kind() -> None:
    assert find_chance(a_need(), DEFAULT, None) == Finding(0.45, "kind chat", "A3")


def test_an_intent_takes_its_part_of_the_chance() -> None:
    policy = replace(DEFAULT, intents={**DEFAULT.intents, Intent.RETURN: 0.5})
    found = find_chance(a_need(kind=Kind.PHONE, intent=Intent.RETURN), policy, None)
    assert found == Finding(0.2, "kind phone, intent return", "A3, A10")


def test_outcomes_correct_the_chance_before_anything_else_does() -> None:
    need = a_need(WORDY, intent=Intent.ORDER_QUESTION, text="готов купить", vin="XTA")
    found = find_chance(need, WORDY, Outcomes(won=30, lost=70))
    existing = (100 * 0.45 * 0.5 + 30) / 200
    source = "kind chat, intent order_question, 30 of 100 won so far, text ready ×1.5, VIN ×1.2"
    assert found == Finding(pytest.approx(existing * 1.5 * 1.2), source, "A3, A10, A6")


def test_words_and_a_known_car_make_an_order_likelier() -> None:
    found = find_chance(a_need(WORDY, text="готов купить", vin="XTA"), WORDY, None)
    source = "kind chat, text ready ×1.5, VIN ×1.2"
    assert found == Finding(pytest.approx(0.45 * 1.5 * 1.2), source, "A3, A6")


def test_a_policy_without_a_factor_for_cars_does_not_name_them() -> None:
    policy = a_policy(vin={"chance_factor": 1})
    assert find_chance(a_need(vin="XTA"), policy, None) == Finding(0.45, "kind chat", "A3")


@pytest.mark.parametrize(("chance", "limit"), [(0.9, 0.99), (0.99, 0.99), (1.0, 1.0), (0.0, 0.0)])
def test_no_hint_makes_a_chance_certain(chance: float, limit: float) -> None:
    policy = a_policy(kinds={"chat": {"chance": chance}}, vin={"chance_factor": 10})
    assert find_chance(a_need(vin="XTA"), policy, None).value == limit


@pytest.mark.parametrize("stated", [Decimal("750.25"), Decimal(0)])
def test_a_stated_budget_goes_before_the_items(stated: Decimal) -> None:
    found = find_budget(a_need(budget=stated, items=(PADS,)), DEFAULT)
    assert found == Finding(float(stated), "stated", "A1")


def test_without_a_budget_the_priced_items_are_added_up_to_the_cent() -> None:
    found = find_budget(a_need(items=(PADS, OIL, UNPRICED)), DEFAULT)
    assert found == Finding(3001.00, "items", "A1")


@pytest.mark.parametrize("items", [(), (UNPRICED,)])
def test_without_a_price_the_budget_is_the_usual_bill(items: tuple[Item, ...]) -> None:
    found = find_budget(a_need(kind=Kind.OFFLINE, items=items), DEFAULT)
    assert found == Finding(12000, "usual bill of offline", "A1")


def test_items_go_before_what_the_text_names() -> None:
    found = find_budget(a_need(WORDY, items=(PADS,), text="колодки за 900 руб"), WORDY)
    assert found == Finding(2501.00, "items", "A1")


def test_a_price_goes_before_the_goods_of_a_text() -> None:
    found = find_budget(a_need(WORDY, items=(UNPRICED,), text="колодки за 900 руб"), WORDY)
    assert found == Finding(900, "price in the text", "A1")


def test_without_a_price_the_goods_of_a_text_are_added_up() -> None:
    found = find_budget(a_need(WORDY, text="колодки 3 шт, бампер"), WORDY)
    assert found == Finding(35_000, "text pads ×3, bumper", "A5")


def test_a_text_without_goods_has_the_bill_that_the_policy_states_for_that() -> None:
    found = find_budget(a_need(WORDY, text="готов купить"), WORDY)
    assert found == Finding(400, "text without goods", "A6")


def test_without_a_text_the_usual_bill_stays() -> None:
    assert find_budget(a_need(WORDY), WORDY) == Finding(7000, "usual bill of chat", "A1")


@pytest.mark.parametrize("stated", [0.7, 0.0])
def test_a_stated_urgency_goes_before_the_time_left(stated: float) -> None:
    found = find_urgency(a_need(urgency=stated, needed_by=TOMORROW), DEFAULT, NOON)
    assert found == Finding(stated, "stated", "A1")


def test_without_an_urgency_the_time_left_decides() -> None:
    found = find_urgency(a_need(needed_by=TOMORROW), DEFAULT, NOON)
    minutes_left = 24 * 60
    by_the_design = 1 - math.log(minutes_left) / math.log(WEEK)
    assert found == Finding(pytest.approx(by_the_design), "needed_by", "A5")


def test_without_a_date_the_urgency_is_that_of_the_kind() -> None:
    found = find_urgency(a_need(kind=Kind.OFFLINE), DEFAULT, NOON)
    assert found == Finding(0.35, "kind offline", "A3")


def test_the_time_left_goes_before_the_words() -> None:
    need = a_need(WORDY, needed_by=NOON + timedelta(weeks=1), text="колодки")
    assert find_urgency(need, WORDY, NOON).source == "needed_by"


def test_of_several_words_the_most_urgent_decides() -> None:
    found = find_urgency(a_need(WORDY, text="бампер и колодки"), WORDY, NOON)
    assert found == Finding(0.9, "text pads", "A5")


@pytest.mark.parametrize("text", ["колодки, не срочно", "не срочно"])
def test_who_says_that_he_can_wait_is_believed(text: str) -> None:
    found = find_urgency(a_need(WORDY, text=text), WORDY, NOON)
    assert found == Finding(0.1, "text patient", "A5")


def test_a_cap_does_not_raise_who_is_more_patient_by_his_kind() -> None:
    policy = a_policy(lexicon=WORDY_CAP)
    found = find_urgency(a_need(policy, kind=Kind.OFFLINE, text="не срочно"), policy, NOON)
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
    patience = patience_of(a_need(), urgency_of(minutes_left, DEFAULT), DEFAULT)
    assert patience == pytest.approx(minutes_left)


@pytest.mark.parametrize(
    ("urgency", "minutes", "digits"),
    [(1, 1, 0), (0.5, 100, 0), (0.35, 6.6 * 60, -1), (0.1, 2.8 * 24 * 60, -2), (0, WEEK, 0)],
)
def test_patience_is_that_of_the_design(urgency: float, minutes: float, digits: int) -> None:
    assert round(patience_of(a_need(), urgency, DEFAULT), digits) == round(minutes, digits)


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
    need = a_need(budget=Decimal(budget), urgency=urgency)
    chance, bill = find_chance(need, DEFAULT, None), find_budget(need, DEFAULT)
    urgency_found = find_urgency(need, DEFAULT, NOON)
    terms = IndexTerms(patience_of(need, urgency, DEFAULT), 1.0, 1.0, 1.0)
    found = score(chance, bill, urgency_found, terms, DEFAULT)
    assert found.terms.patience_minutes == pytest.approx(patience, abs=0.005)
    assert found.cost_per_minute == pytest.approx(cost, abs=0.005)
    assert found.score == Decimal(points)


@pytest.mark.parametrize(
    ("cost", "points"), [(0, "0.00"), (0.1, "5.02"), (1e5, "100.00"), (1e15, "100.00")]
)
def test_the_scale_reaches_from_nothing_to_the_greatest_cost(cost: float, points: str) -> None:
    assert str(scale(cost, DEFAULT)) == points
