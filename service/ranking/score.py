"""Chance, budget, urgency, and the score that they make.

    cost  c = chance · budget / τ               money per minute of waiting: shown to people
    index i = chance · budget · s / (S · τ^α)   what is compared (service/ranking/index.py)
    score   = 100 · log10(1 + i/c0) / log10(1 + c1/c0), clamped to 0…100

Under a policy without work minutes and weight the score compares the cost. That is rule A4 in
numbers, and it decides rule A5.
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from service.leads.lead import Intent, Outcomes, Signal
from service.leads.unchanging import replace, unchanging
from service.ranking.conversion import posterior_mean
from service.ranking.index import IndexTerms
from service.ranking.timeline import halvings, time_left
from service.rules.need import Need
from service.rules.policy import Policy, Rate
from service.text.entries import TextReading, Understood

CENT = Decimal("0.01")
GREATEST_CHANCE = 0.99
AFTER_SALE = (Intent.RETURN, Intent.COMPLAINT, Intent.OTHER)


@unchanging
class ConvertedMoney:
    """Amounts in other currencies than the queue's, and the policy's rates for them.

    `of` says where they come from: `stated` or `items`. If one rate is missing, the amounts are
    unknown.
    """

    of: str
    amounts: Mapping[str, Decimal]
    rates: Mapping[str, Rate]

    @property
    def lacks(self) -> str:
        """The currencies without a rate."""
        return ", ".join(name for name in self.amounts if name not in self.rates)


@unchanging
class Finding:
    """A number, its source and its rule."""

    value: float
    source: str
    rule: str
    conversion: ConvertedMoney | None = None


@unchanging
class Score:
    """The score with everything it was computed from."""

    chance: Finding
    budget: Finding
    urgency: Finding
    terms: IndexTerms
    cost_per_minute: float
    index: float
    score: Decimal


def score(
    chance: Finding, budget: Finding, urgency: Finding, terms: IndexTerms, policy: Policy
) -> Score:
    """The score of a need, 0.00…100.00; money is in the queue's currency."""
    cost = chance.value * budget.value / terms.patience_minutes
    index = terms.of(chance.value, budget.value)
    return Score(chance, budget, urgency, terms, cost, index, scale(index, policy))


def find_chance(need: Need, policy: Policy, observed: Outcomes | None) -> Finding:
    """The chance of the need (rules A3, A10).

    It is the kind's conversion times the intent's factor, corrected by outcomes. Factors of the
    text and of a VIN multiply it, but never raise it above 0.99.
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
    """The budget of the need (rules A1, A6).

    Money that was stated by a sender who does not speak for the shop has the policy's limit.
    """
    found, signal = _budget_of(need, policy), need.signal
    if found.value <= _most(0, need, policy):  # as nearly all
        return found
    if signal.budget is not None:
        return _limited(found, 0, need, policy) if signal.budget_is_limited else found
    if not any(item.is_limited for item in signal.items):
        return found
    others = tuple(item for item in signal.items if not item.is_limited)
    surely = replace(need, situation=replace(need.situation, signal=replace(signal, items=others)))
    sure = _budget_of(surely, policy).value if any(item.price for item in others) else 0
    return _limited(found, sure, need, policy)


def _limited(found: Finding, sure: float, need: Need, policy: Policy) -> Finding:
    """A budget with a limit to the part that is not `sure`."""
    times, most = policy.stated_budget_times, _most(sure, need, policy)
    is_stated = found.source in ("stated", "items", "converted")
    if not is_stated or found.value <= most:
        return found
    return replace(found, value=most, source=f"{found.source}, at most {times:g} usual bills")


def _most(sure: float, need: Need, policy: Policy) -> float:
    return round(sure + policy.stated_budget_times * policy.kinds[need.kind].usual_bill, 2)


def _budget_of(need: Need, policy: Policy) -> Finding:
    """The budget of the need, without a limit.

    The client's stated budget goes first, then the sum of the items, the price or the goods in the
    text, and the kind's usual bill. Money of another currency is converted; without a rate it is
    unknown.
    """
    signal = need.signal
    if signal.budget is not None:
        amounts, of = {signal.currency or policy.currency: signal.budget}, "stated"
    else:
        amounts, of = _sums(signal, policy), "items"
    foreign = {name: amount for name, amount in amounts.items() if name != policy.currency}
    if not foreign:
        if amounts:
            return Finding(float(sum(amounts.values(), Decimal()).quantize(CENT)), of, "A1")
        return _unstated_budget(need, policy)
    existing = {name: policy.rates[name] for name in foreign if name in policy.rates}
    conversion = ConvertedMoney(of, foreign, existing)
    if conversion.lacks:
        found = _unstated_budget(need, policy)
        source = f"{found.source}, no rate for {conversion.lacks}"
        return replace(found, source=source, conversion=conversion)
    worth = (policy.in_own_currency(float(amount), name) for name, amount in amounts.items())
    return Finding(round(sum(item or 0 for item in worth), 2), "converted", "A1", conversion)


def _sums(signal: Signal, policy: Policy) -> dict[str, Decimal]:
    """The sum of the items, by currency."""
    sums: dict[str, Decimal] = {}
    for item in signal.items:
        if item.price is not None:
            name = item.currency or signal.currency or policy.currency
            sums[name] = sums.get(name, Decimal()) + item.quantity * item.price
    return sums


def _unstated_budget(need: Need, policy: Policy) -> Finding:
    bill = need.reading.bill
    if need.price is not None and need.intent not in AFTER_SALE:
        source = "guessed price in the text" if need.price_is_guess else "price in the text"
        return Finding(float(need.price), source, "A1")
    if bill is not None:
        return Finding(bill.value, f"text {_goods(need.reading)}", bill.rule)
    unnamed = policy.kinds[need.kind].unnamed_bill
    if need.signal.text and unnamed is not None and need.intent is Intent.SALE:
        return Finding(unnamed, "text without goods", "A6")
    return Finding(policy.kinds[need.kind].usual_bill, f"usual bill of {need.kind}", "A1")


def _goods(reading: TextReading) -> str:
    billed = (match for match in reading.matches if match.entry.bill is not None)
    return ", ".join(
        item.entry.signal if item.quantity == 1 else f"{item.entry.signal} ×{item.quantity}"
        for item in billed
    )


def find_urgency(need: Need, policy: Policy, now: datetime) -> Finding:
    """The urgency of the need (rules A1, A3, A5).

    The stated urgency goes first, then the time left, the text, and the kind's urgency. Words never
    make a live client less urgent than their kind (A3).
    """
    return Hurry(need, policy).at(now)


class Hurry:
    """How urgent a need is as time passes; what time does not change is found once."""

    def __init__(self, need: Need, policy: Policy) -> None:
        self._need, self._policy = need, policy
        self._written = None if need.signal.urgency is not None else _written_urgency(need)
        self._halvings = halvings(need.situation, policy)
        self._is_pressed = _is_pressed(need.reading)
        self._own = Finding(policy.kinds[need.kind].urgency, f"kind {need.kind}", "A3")
        self._by_words = need.is_live and (need.signal.needed_by is None or need.is_dated_by_text)

    @property
    def is_steady(self) -> bool:
        """Whether time changes nothing about it."""
        signal = self._need.signal
        return signal.needed_by is None or signal.urgency is not None

    def at(self, now: datetime) -> Finding:
        """The urgency at a moment."""
        need = self._need
        if need.signal.urgency is not None:
            return Finding(need.signal.urgency, "stated", "A1")
        if need.signal.needed_by is None:
            found = self._written or _usual_urgency(need, self._policy)
        else:
            found = Finding(*self._by_time(now))
        return self._own if self._is_below_own(found.value) else found

    def value_at(self, now: datetime) -> float:
        """The same of who named a time, without where it was taken from."""
        value = self._by_time(now)[0]
        return self._own.value if self._is_below_own(value) else value

    def _is_below_own(self, urgency: float) -> bool:
        return self._by_words and urgency < self._own.value

    def _by_time(self, now: datetime) -> tuple[float, str, str]:
        """By the time that is left, and by the words if they named it; with source and rule."""
        need, policy, written = self._need, self._policy, self._written
        left = time_left(need.situation, self._halvings, now).total_seconds() / 60
        urgency = urgency_of(left, policy)
        if not need.is_dated_by_text:
            return urgency, "needed_by", "A5"
        if written is not None:
            faded = written.value * (1 if self._is_pressed else _left_of(left, policy))
            if faded > urgency:
                return faded, written.source, written.rule
        cap = need.reading.urgency_cap
        if cap is not None and urgency > cap.value:
            return cap.value, f"text {cap.source}", cap.rule
        return urgency, "date in the text", "A5"


def _left_of(minutes: float, policy: Policy) -> float:
    """The share of the goods' own urgency that stays when the client names a day."""
    left = timedelta(minutes=minutes)
    return next((share for within, share in policy.left_by_day if left <= within), 0.0)


def _is_pressed(reading: TextReading) -> bool:
    """Whether the urgency comes from words about the hurry, not about the goods."""
    deciding = reading.urgency.entries if reading.urgency is not None else ()
    return any(entry.bill is None for entry in deciding)


def _written_urgency(need: Need) -> Finding | None:
    found = need.reading.urgency
    return None if found is None else Finding(found.value, f"text {found.source}", found.rule)


def _capped(cap: Understood[float]) -> Finding:
    return Finding(cap.value, f"text {cap.source}", cap.rule)


def _usual_urgency(need: Need, policy: Policy) -> Finding:
    """The kind's urgency, or a lower one when the text says that there is no hurry."""
    usual, cap = policy.kinds[need.kind].urgency, need.reading.urgency_cap
    if cap is not None and cap.value < usual:
        return _capped(cap)
    return Finding(usual, f"kind {need.kind}", "A3")


def urgency_of(minutes_left: float, policy: Policy) -> float:
    """The urgency whose patience is `minutes_left`, clamped to 0…1."""
    if minutes_left <= 1:
        return 1.0
    return max(0.0, 1 - math.log(minutes_left) / math.log(policy.longest_patience_minutes))


def scale(index: float, policy: Policy) -> Decimal:
    """The index on a logarithmic scale of 0.00…100.00."""
    unit = policy.smallest_cost
    share = math.log10(1 + index / unit) / math.log10(1 + policy.greatest_cost / unit)
    hundredths = Decimal(min(100.0, max(0.0, 100 * share)))
    return hundredths.quantize(CENT, ROUND_HALF_EVEN)
