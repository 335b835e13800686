"""The owner of a client and the skills that they demand (A9, A10, B2, B3, B4, B14, B19).

The bonds of a client to an operator, the strongest first: the head's decision, an order, an open
call task, a recent talk. Super VIP clients and complaints have no owner; they demand skills.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.leads.context import Campaign, ClientClass, Contact, CustomerContext, OrderState
from service.leads.lead import Intent
from service.leads.routing import UNROUTED, Routing
from service.leads.unchanging import replace, unchanging

NOTHING_KNOWN = CustomerContext()
ABOUT_ORDERS = (Intent.ORDER_QUESTION, Intent.RETURN)
RULE_OF_CLASS = {ClientClass.SUPER_VIP: "B3", ClientClass.WHOLESALE: "A21"}
RULE_OF_INTENT = {Intent.COMPLAINT: "B4"}
WRITTEN_RULE = "B1"  # a skill that only this shop's policy demands
PRECEDENCE = {Campaign.BIRTHDAY: 2, Campaign.NEW_YEAR: 1, Campaign.OTHER: 0}


@unchanging
class OwnershipRules:
    """A policy's rules about who works with whom.

    A talk binds for `recent_contact_days` days of 24 hours (A9); 0 means never. `season` is its
    first and last local day in `zone`, None when no season is announced (B14). A class or intent
    that is not mapped demands no skill. A campaign that is not mapped has the stage of call tasks.
    """

    recent_contact_days: float
    season: tuple[date, date] | None
    skill_of_class: Mapping[ClientClass, str]
    skill_of_intent: Mapping[Intent, str]
    zone: ZoneInfo
    stage_of_campaign: Mapping[Campaign, int] = field(default_factory=dict)

    def in_season(self, now: datetime) -> bool:
        """Whether the season is on, by the shop's calendar (rule B14)."""
        if self.season is None:
            return False
        first, last = self.season
        return first <= now.astimezone(self.zone).date() <= last


@unchanging
class _Bond:
    """A bond of a client to an operator; a talk alone earns no credit."""

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
    """The owner, skills and credit by the rules; people's decisions are taken over from `before`.

    Without a context only the intent counts.
    """
    existing = context or NOTHING_KNOWN
    demands = tuple(_demands(existing.client_class, intent, rules))
    if existing is NOTHING_KNOWN and not demands and before is UNROUTED:
        return before
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
    """The operator who activated a valid task, open or closed; else that of the order or task."""
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
    """Each demanded skill, and the rule that demands it."""
    if client_class in rules.skill_of_class:
        yield rules.skill_of_class[client_class], RULE_OF_CLASS.get(client_class, WRITTEN_RULE)
    if intent in rules.skill_of_intent:
        yield rules.skill_of_intent[intent], RULE_OF_INTENT.get(intent, WRITTEN_RULE)


def _bonds(
    context: CustomerContext, intent: Intent, rules: OwnershipRules, now: datetime
) -> Iterator[_Bond]:
    """The bonds of a client, the strongest first."""
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
    """Whether any order of the client is not done."""
    return any(order.state is not OrderState.DONE for order in context.orders)


def _operator_of_order(context: CustomerContext, intent: Intent) -> str | None:
    """The operator of the newest order in work; a question may be about a done order (A10)."""
    found = [
        (order.state is not OrderState.DONE, order.opened_at, order.number, order.operator)
        for order in context.orders
        if order.operator is not None
        and (order.state is not OrderState.DONE or intent in ABOUT_ORDERS)
    ]
    return max(found)[-1] if found else None


def _operator_of_task(context: CustomerContext, rules: OwnershipRules, now: datetime) -> str | None:
    """The operator of the task that binds: birthdays first, then open tasks, then the newest.

    An open, valid task binds. Out of season a valid birthday task binds although it is closed
    (B14).
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
    """Whether a talk binds; a talk in the future (a sender's wrong clock) counts as just over."""
    return max(now - talk.at, timedelta(0)) < timedelta(days=rules.recent_contact_days)
