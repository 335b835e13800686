"""Whose a client is, and which skills they demand, by the written rules (A9, A10, B2, B3, B4, B14).

What binds a client to an operator is asked in this order: an order, an open call task, a recent
talk. Super VIPs and complaints are bound to nobody but demand skills.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.leads.context import Campaign, ClientClass, Contact, CustomerContext, OrderState
from service.leads.lead import Intent
from service.leads.routing import UNROUTED, Routing

NOTHING_KNOWN = CustomerContext()
ABOUT_ORDERS = (Intent.ORDER_QUESTION, Intent.RETURN)
RULE_OF_CLASS = {ClientClass.SUPER_VIP: "B3", ClientClass.WHOLESALE: "A21"}
RULE_OF_INTENT = {Intent.COMPLAINT: "B4"}
WRITTEN_RULE = "B1"  # a skill that only this shop's policy demands
PRECEDENCE = {Campaign.BIRTHDAY: 2, Campaign.NEW_YEAR: 1, Campaign.OTHER: 0}


@dataclass(frozen=True, slots=True)
class OwnershipRules:
    """What a policy says of who works with whom.

    A talk binds for `recent_contact_days` days of 24 hours (A9), 0 for never. `season` is its first
    and last local day in `zone`, None when none is announced (B14). Classes and intents that are
    not mapped demand no skill, campaigns that are not stand on the stage of call tasks.
    """

    recent_contact_days: float
    season: tuple[date, date] | None
    skill_of_class: Mapping[ClientClass, str]
    skill_of_intent: Mapping[Intent, str]
    zone: ZoneInfo
    stage_of_campaign: Mapping[Campaign, int] = field(default_factory=dict)

    def in_season(self, now: datetime) -> bool:
        """Whether the season is on, by the calendar of the shop (rule B14)."""
        if self.season is None:
            return False
        first, last = self.season
        return first <= now.astimezone(self.zone).date() <= last


@dataclass(frozen=True, slots=True)
class _Bond:
    """What binds a client to an operator; a talk alone earns them no credit."""

    operator: str
    rule: str
    earns_credit: bool


def find_routing(
    context: CustomerContext | None,
    intent: Intent,
    rules: OwnershipRules,
    now: datetime,
    before: Routing = UNROUTED,
) -> Routing:
    """Whom the rules lead a client to; what people decided is taken over from `before`.

    Without a context only the intent counts.
    """
    existing = context or NOTHING_KNOWN
    demands = tuple(_demands(existing.client_class, intent, rules))
    bonds = tuple(_bonds(existing, intent, rules, now))
    owner = bonds[0] if bonds and may_have_owner(existing.client_class, intent) else None
    return replace(
        before,
        owner=None if owner is None else owner.operator,
        owner_rule="" if owner is None else owner.rule,
        skills=frozenset(skill for skill, _ in demands),
        skills_rule=", ".join(dict.fromkeys(rule for _, rule in demands)),
        credited_to=_credited(existing, bonds, now),
    )


def _credited(context: CustomerContext, bonds: Sequence[_Bond], now: datetime) -> str | None:
    """Who activated a task in date, open or closed, else whose order or task the client has."""
    activated = [
        (task.activated_at, task.external_id, task.operator)
        for task in context.tasks
        if task.activated_at is not None and task.is_in_date(now)
    ]
    if activated:
        return max(activated)[-1]
    return next((bond.operator for bond in bonds if bond.earns_credit), None)


def may_have_owner(client_class: ClientClass, intent: Intent) -> bool:
    """Whether a client may be bound to one operator at all (rules B3, B4)."""
    return client_class is not ClientClass.SUPER_VIP and intent is not Intent.COMPLAINT


def _demands(
    client_class: ClientClass, intent: Intent, rules: OwnershipRules
) -> Iterator[tuple[str, str]]:
    """Each skill that is demanded, and the rule that demands it."""
    if client_class in rules.skill_of_class:
        yield rules.skill_of_class[client_class], RULE_OF_CLASS.get(client_class, WRITTEN_RULE)
    if intent in rules.skill_of_intent:
        yield rules.skill_of_intent[intent], RULE_OF_INTENT.get(intent, WRITTEN_RULE)


def _bonds(
    context: CustomerContext, intent: Intent, rules: OwnershipRules, now: datetime
) -> Iterator[_Bond]:
    """What binds a client, the strongest first."""
    if (hand := context.owner) is not None and hand.holds(now):
        yield _Bond(hand.operator, "B19", earns_credit=False)
    order, task = _operator_of_order(context, intent), _operator_of_task(context, rules, now)
    talk = max(context.contacts, key=lambda item: (item.at, item.operator), default=None)
    if order is not None:
        yield _Bond(order, "A10" if intent in ABOUT_ORDERS else "B2", earns_credit=True)
    if talk is not None and intent is Intent.RETURN:
        yield _Bond(talk.operator, "A10", earns_credit=False)
    if task is not None:
        yield _Bond(task, "B14", earns_credit=True)
    if talk is not None and _is_recent(talk, rules, now):
        yield _Bond(talk.operator, "A9", earns_credit=False)


def has_order_in_work(context: CustomerContext) -> bool:
    """Whether any order of the client is not done yet."""
    return any(order.state is not OrderState.DONE for order in context.orders)


def _operator_of_order(context: CustomerContext, intent: Intent) -> str | None:
    """The operator of the newest order in work; questions may be about one that is done (A10)."""
    found = [
        (order.state is not OrderState.DONE, order.opened_at, order.number, order.operator)
        for order in context.orders
        if order.operator is not None
        and (order.state is not OrderState.DONE or intent in ABOUT_ORDERS)
    ]
    return max(found)[-1] if found else None


def _operator_of_task(context: CustomerContext, rules: OwnershipRules, now: datetime) -> str | None:
    """The operator of the call task that binds: birthdays first, then open ones, then the newest.

    Open and in date, it binds; off season a birthday's binds in date though it is closed (B14).
    """
    closed_bind = not rules.in_season(now)
    found = [
        (PRECEDENCE[task.campaign], task.is_open, task.opened_at, task.external_id, task.operator)
        for task in context.tasks
        if task.is_in_date(now)
        and (task.is_open or (closed_bind and task.campaign is Campaign.BIRTHDAY))
    ]
    return max(found)[-1] if found else None


def _is_recent(talk: Contact, rules: OwnershipRules, now: datetime) -> bool:
    """Whether a talk binds; one that a sender's clock puts into the future is just over."""
    return max(now - talk.at, timedelta(0)) < timedelta(days=rules.recent_contact_days)
