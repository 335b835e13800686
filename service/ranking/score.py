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

from service.leads.lead import Outcomes
from service.ranking.conversion import posterior_mean
from service.ranking.timeline import time_left
from service.rules.need import Need
from service.rules.policy import Policy
from service.text.lexicon import TextReading

CENT = Decimal("0.01")
GREATEST_CHANCE = 0.99


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


def score(chance: Finding, budget: Finding, urgency: Finding, policy: Policy) -> Score:
    """Score a need; money in the queue's currency, 0.00…100.00 in the score."""
    patience = patience_minutes(urgency.value, policy)
    cost = chance.value * budget.value / patience
    return Score(chance, budget, urgency, patience, cost, scale(cost, policy))


def find_chance(need: Need, policy: Policy, observed: Outcomes | None) -> Finding:
    """The kind's conversion times the intent's factor, as outcomes correct it, times what the
    text and a VIN say of this one (rules A3, A10); never certain unless the kind is.
    """
    existing = _chance_of(need, policy, observed)
    given, vin = need.reading.chance_factor, policy.vin_chance_factor
    if not given.entries and not need.has_vin:
        return existing
    hints = [f"text {entry.signal} ×{entry.chance_factor:g}" for entry in given.entries]
    rules = [existing.rule, *([given.rule] if given.entries else [])]
    factor = given.value
    if need.has_vin and vin != 1:
        factor, hints = factor * vin, [*hints, f"VIN ×{vin:g}"]
    chance = min(existing.value * factor, max(existing.value, GREATEST_CHANCE))
    return Finding(chance, ", ".join((existing.source, *hints)), ", ".join(dict.fromkeys(rules)))


def _chance_of(need: Need, policy: Policy, observed: Outcomes | None) -> Finding:
    chance, factor = policy.kinds[need.kind].chance, policy.intents[need.intent]
    source, rule = f"kind {need.kind}", "A3"
    if factor != 1:
        chance, source, rule = chance * factor, f"{source}, intent {need.intent}", "A3, A10"
    if observed is not None:
        chance = posterior_mean(chance, policy.learning.prior_weight, observed)
        source += f", {observed.won} of {observed.won + observed.lost} won so far"
    return Finding(chance, source, rule)


def find_budget(need: Need, policy: Policy) -> Finding:
    """What the client stated, else the sum of his items, else the price or the goods that his
    text names, else the kind's usual bill (rules A1, A6).
    """
    signal, bill = need.signal, need.reading.bill
    if signal.budget is not None:
        return Finding(float(signal.budget), "stated", "A1")
    priced = [item.quantity * item.price for item in signal.items if item.price is not None]
    if priced:
        return Finding(float(sum(priced, Decimal()).quantize(CENT)), "items", "A1")
    if need.recognised.price is not None:
        return Finding(float(need.recognised.price), "price in the text", "A1")
    if bill is not None:
        return Finding(bill.value, f"text {_goods(need.reading)}", bill.rule)
    return Finding(policy.kinds[need.kind].usual_bill, f"usual bill of {need.kind}", "A1")


def _goods(reading: TextReading) -> str:
    billed = (match for match in reading.matches if match.entry.bill is not None)
    return ", ".join(
        item.entry.signal if item.quantity == 1 else f"{item.entry.signal} ×{item.quantity}"
        for item in billed
    )


def find_urgency(need: Need, policy: Policy, now: datetime) -> Finding:
    """What the client stated, else from the time he has left, else from his text, else the
    kind's (rules A1, A3, A5).
    """
    signal = need.signal
    if signal.urgency is not None:
        return Finding(signal.urgency, "stated", "A1")
    if signal.needed_by is not None:
        minutes_left = time_left(need.situation, policy, now).total_seconds() / 60
        return Finding(urgency_of(minutes_left, policy), "needed_by", "A5")
    given = need.reading.urgency
    if given is not None:
        return Finding(given.value, f"text {given.source}", given.rule)
    return _usual_urgency(need, policy)


def _usual_urgency(need: Need, policy: Policy) -> Finding:
    """The kind's, unless the client says that he is in no hurry."""
    usual = policy.kinds[need.kind].urgency
    entries = (match.entry for match in need.reading.matches)
    caps = [(item.urgency_at_most, item) for item in entries if item.urgency_at_most is not None]
    limit, entry = min(caps, key=lambda cap: cap[0], default=(1.0, None))
    if entry is not None and limit < usual:
        return Finding(limit, f"text {entry.signal}", entry.rule)
    return Finding(usual, f"kind {need.kind}", "A3")


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
