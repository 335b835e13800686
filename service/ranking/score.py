"""Chance, budget, urgency, and what a minute of waiting costs.

    patience τ = longest^(1−urgency) minutes
    cost     c = chance · budget / τ               money per minute
    score      = 100 · log10(1 + c/c0) / log10(1 + c1/c0), clamped to 0…100

The cost is the index of Smith's rule for clients who leave: it says in numbers what rule A4 says
in words, and it decides rule A5.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

from service.leads.lead import Kind, Signal
from service.ranking.policy import Policy

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Finding:
    """A number, where it was taken from, and the rule that says so."""

    value: float
    source: str
    rule: str


@dataclass(frozen=True, slots=True)
class Score:
    """The score with everything it was computed from."""

    chance: Finding
    budget: Finding
    urgency: Finding
    patience_minutes: float
    cost_per_minute: float
    score: Decimal


def score(signal: Signal, kind: Kind, policy: Policy, now: datetime) -> Score:
    """Score a signal of a kind; money in the queue's currency, 0.00…100.00 in the score."""
    chance = find_chance(signal, kind, policy)
    budget = find_budget(signal, kind, policy)
    urgency = find_urgency(signal, kind, policy, now)
    patience = patience_minutes(urgency.value, policy)
    cost = chance.value * budget.value / patience
    return Score(chance, budget, urgency, patience, cost, scale(cost, policy))


def find_chance(signal: Signal, kind: Kind, policy: Policy) -> Finding:
    """The kind's conversion times the intent's factor (rules A3, A10)."""
    conversion, factor = policy.kinds[kind].chance, policy.intents[signal.intent]
    if factor == 1:
        return Finding(conversion, f"kind {kind}", "A3")
    return Finding(conversion * factor, f"kind {kind}, intent {signal.intent}", "A3, A10")


def find_budget(signal: Signal, kind: Kind, policy: Policy) -> Finding:
    """What the client stated, else the sum of his items, else the kind's usual bill (rule A1)."""
    if signal.budget is not None:
        return Finding(float(signal.budget), "stated", "A1")
    priced = [one.quantity * one.price for one in signal.items if one.price is not None]
    if priced:
        return Finding(float(sum(priced, Decimal()).quantize(CENT)), "items", "A1")
    return Finding(policy.kinds[kind].usual_bill, f"usual bill of {kind}", "A1")


def find_urgency(signal: Signal, kind: Kind, policy: Policy, now: datetime) -> Finding:
    """What the client stated, else from the time he has left, else the kind's (rules A1, A3)."""
    if signal.urgency is not None:
        return Finding(signal.urgency, "stated", "A1")
    if signal.needed_by is not None:
        minutes_left = (signal.needed_by - now).total_seconds() / 60
        return Finding(urgency_of(minutes_left, policy), "needed_by", "A5")
    return Finding(policy.kinds[kind].urgency, f"kind {kind}", "A3")


def urgency_of(minutes_left: float, policy: Policy) -> float:
    """The urgency whose patience is `minutes_left`, clamped to 0…1."""
    if minutes_left <= 1:
        return 1.0
    return max(0.0, 1 - math.log(minutes_left) / math.log(policy.longest_patience_minutes))


def patience_minutes(urgency: float, policy: Policy) -> float:
    """How long a client of this urgency will wait: a minute at 1, a week at 0."""
    return float(policy.longest_patience_minutes ** (1 - urgency))


def scale(cost_per_minute: float, policy: Policy) -> Decimal:
    """The cost of waiting on a log scale of 0.00…100.00."""
    unit = policy.smallest_cost
    share = math.log10(1 + cost_per_minute / unit) / math.log10(1 + policy.greatest_cost / unit)
    hundredths = Decimal(min(100.0, max(0.0, 100 * share)))
    return hundredths.quantize(CENT, ROUND_HALF_EVEN)
