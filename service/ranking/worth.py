"""Facts about the client and their order that change the chance, the bill and the urgency.

A client who bought before is more likely to buy, a blocked one less likely (A23, B5). A paid order
is certain (A30). An unpaid order loses chance each day (A26). A refusal of a running order is
urgent and worth the order's sum (A25).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from service.leads.lead import Intent, Kind, ParkedFor
from service.leads.unchanging import replace
from service.ranking.score import Finding
from service.rules.need import Need
from service.rules.policy import Policy

DAY = timedelta(days=1)
MAX_DAYS = 7  # after these days an unpaid order loses no more chance
REFUSAL = "A25"


def is_paid_order(need: Need) -> bool:
    """Whether the order is paid and only has to be checked and started (A30)."""
    return need.kind is Kind.SELF_ORDER and need.signal.paid


def is_refusal(need: Need) -> bool:
    """Whether the client cancels a running order, by the policy's words (A25)."""
    may_be = need.intent is Intent.RETURN and need.situation.client.running_order
    return may_be and any(match.entry.rule == REFUSAL for match in need.reading.matches)


def worthy_chance(chance: Finding, need: Need, policy: Policy) -> Finding:
    """The chance of a need, changed by what is known of the client."""
    if is_paid_order(need):
        return Finding(1.0, "paid order", "A30")
    if is_refusal(need):
        return Finding(1.0, "refusal of a running order", REFUSAL)
    for name, factor, rule in _client_factors(need, policy):
        chance = _times(chance, factor, f"client {name} ×{factor:g}", rule)
    return chance


def _client_factors(need: Need, policy: Policy) -> Iterator[tuple[str, float, str]]:
    client, weights = need.situation.client, policy.client
    if client.bought_before and weights.bought_before != 1:
        yield "bought_before", weights.bought_before, "A23"
    if client.vip and weights.vip != 1:
        yield "vip", weights.vip, "B3"
    # the head wants the call on that date although the client is blocked (B5)
    if client.blocked and not client.call_on and weights.blocked != 1:
        yield "blocked", weights.blocked, "B5"


def unpaid_moments(need: Need, policy: Policy, now: datetime) -> Sequence[datetime]:
    """The next moments at which an unpaid order loses chance: each full day after it came."""
    if not loses_chance(need, policy):
        return ()
    begins = need.signal.received_at
    days = (begins + number * DAY for number in range(1, MAX_DAYS + 1))
    return [at for at in days if at > now]


def chance_at(chance: Finding, need: Need, policy: Policy, at: datetime) -> Finding:
    """The chance at a moment: an unpaid order has lost some for each full day (A26)."""
    days = min(MAX_DAYS, max(timedelta(0), at - need.signal.received_at) // DAY)
    if not days or not loses_chance(need, policy):
        return chance
    return _times(chance, policy.client.unpaid_day**days, f"unpaid for {days} days", "A26")


def loses_chance(need: Need, policy: Policy) -> bool:
    """Whether the order is unpaid and the policy reduces its chance by days."""
    awaits = need.situation.parked_for is ParkedFor.PAYMENT
    is_order = need.kind is Kind.SELF_ORDER or awaits
    return is_order and not need.signal.paid and policy.client.unpaid_day != 1


def worthy_budget(budget: Finding, need: Need) -> Finding:
    """The budget; for a refusal the order's sum, if the shop's own system stated it."""
    running = need.situation.client.running_sum
    if running is None or need.signal.budget is not None or not is_refusal(need):
        return budget
    return Finding(float(running), "running order", REFUSAL)


def worthy_urgency(urgency: Finding, need: Need, policy: Policy) -> Finding:
    """The urgency; a refusal must be passed on before the part is bought."""
    urgent = policy.client.refusal_urgency
    if urgent is None or urgency.value >= urgent or not is_refusal(need):
        return urgency
    return Finding(urgent, "refusal of a running order", REFUSAL)


def _times(chance: Finding, factor: float, source: str, rule: str) -> Finding:
    rules = chance.rule if rule in chance.rule.split(", ") else f"{chance.rule}, {rule}"
    limit = max(chance.value, 0.99)
    value = min(limit, chance.value * factor)
    return replace(chance, value=value, source=f"{chance.source}, {source}", rule=rules)
