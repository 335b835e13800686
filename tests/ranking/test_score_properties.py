"""What holds for every score: its bounds, and that being worth more never costs a place."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from builders import NOON
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import (
    DEFAULT,
    a_policy,
    a_situation,
    kind_of,
    moments,
    money,
    pairs,
    policies,
    shares,
    signals,
    steady,
    times_left,
    with_kind,
)

from service.leads.lead import Intent, Item, Signal
from service.ranking.rank import rank_lead
from service.rules.policy import Policy


def assert_never_lower(lesser: tuple[Signal, Policy], greater: tuple[Signal, Policy]) -> None:
    below, above = (
        rank_lead(a_situation(signal, asked_at=NOON), policy, NOON)
        for signal, policy in (lesser, greater)
    )
    assert below.score <= above.score
    assert below.rank <= above.rank


@steady
@given(signals, policies())
def test_a_score_is_from_0_to_100_with_two_decimals(signal: Signal, policy: Policy) -> None:
    found = rank_lead(a_situation(signal), policy, NOON).score
    assert 0 <= found <= 100
    assert found.as_tuple().exponent == -2


@steady
@given(signals, policies(), pairs(shares))
def test_more_chance_never_lowers(
    signal: Signal, policy: Policy, chances: tuple[float, float]
) -> None:
    less, more = (with_kind(policy, kind_of(signal), chance=chance) for chance in chances)
    assert_never_lower((signal, less), (signal, more))


@steady
@given(signals, policies(), pairs(shares))
def test_a_better_intent_never_lowers(
    signal: Signal, policy: Policy, factors: tuple[float, float]
) -> None:
    less, more = (
        replace(policy, intents={**policy.intents, signal.intent or Intent.SALE: factor})
        for factor in factors
    )
    assert_never_lower((signal, less), (signal, more))


@steady
@given(signals, policies(), pairs(money))
def test_more_budget_never_lowers(
    signal: Signal, policy: Policy, budgets: tuple[Decimal, Decimal]
) -> None:
    less, more = (replace(signal, budget=budget) for budget in budgets)
    assert_never_lower((less, policy), (more, policy))


@steady
@given(signals, policies(), pairs(st.integers(0, 1000)), money)
def test_more_pieces_never_lower(
    signal: Signal, policy: Policy, quantities: tuple[int, int], price: Decimal
) -> None:
    less, more = (
        replace(signal, budget=None, items=(Item("pads", Decimal(quantity), price),))
        for quantity in quantities
    )
    assert_never_lower((less, policy), (more, policy))


@steady
@given(signals, policies(), pairs(shares))
def test_more_urgency_never_lowers(
    signal: Signal, policy: Policy, urgencies: tuple[float, float]
) -> None:
    less, more = (replace(signal, urgency=urgency) for urgency in urgencies)
    assert_never_lower((less, policy), (more, policy))


@steady
@given(signals, policies(), pairs(times_left))
def test_a_nearer_need_never_lowers(
    signal: Signal, policy: Policy, left: tuple[timedelta, timedelta]
) -> None:
    near, far = (replace(signal, urgency=None, needed_by=NOON + time) for time in left)
    assert_never_lower((far, policy), (near, policy))


@steady
@given(signals, pairs(times_left))
def test_the_passing_of_time_never_lowers_who_has_a_date(
    signal: Signal, passed: tuple[timedelta, timedelta]
) -> None:
    situation = a_situation(replace(signal, urgency=None))
    sooner, later = (rank_lead(situation, DEFAULT, NOON + time) for time in passed)
    assert sooner.score <= later.score


@steady
@given(signals, moments)
def test_waiting_is_no_part_of_the_score(signal: Signal, received_at: datetime) -> None:
    assert score_of(replace(signal, received_at=received_at)) == score_of(signal)


@steady
@given(signals)
def test_being_there_is_no_part_of_the_score_but_for_the_urgency_of_a_call(signal: Signal) -> None:
    """On the line nobody is less urgent than a call (A3); of a missed one what it was for counts
    (A5), and its stage says that it is lost unless called back at once (A8)."""
    there, gone = (score_of(replace(signal, live=live)) for live in (True, False))
    assert there >= gone
    if not signal.items:
        assert there == gone


def score_of(signal: Signal) -> Decimal:
    unfading = a_policy(client={"unpaid_day": 1})  # A26: else an unpaid order's age is a part
    return rank_lead(a_situation(signal, asked_at=NOON), unfading, NOON).score
