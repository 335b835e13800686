"""What holds of ownership for every context, intent, rules and moment."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from builders import NOON
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import steady

from service.leads.context import (
    CallTask,
    Campaign,
    ClientClass,
    Contact,
    CustomerContext,
    OrderInWork,
    OrderState,
)
from service.leads.lead import Intent
from service.leads.routing import Routing
from service.rules.ownership import OwnershipRules, find_routing

operators = st.sampled_from(["anna", "boris", "vera"])
# Few moments, so that several often fall together.
moments = st.integers(-4, 4).map(lambda days: NOON + timedelta(days=days))
numbers = st.sampled_from(["1", "2"])
skills = st.sampled_from(["super_vip", "mentors", "wholesale"])
days = st.dates(date(2026, 5, 1), date(2026, 7, 31))

orders = st.builds(
    OrderInWork, numbers, st.none() | operators, moments, st.sampled_from(OrderState)
)
tasks = st.builds(
    CallTask,
    numbers,
    st.sampled_from(Campaign),
    operators,
    moments,
    moments,
    st.none() | moments,
)
contacts = st.builds(Contact, operators, moments)
contexts = st.builds(
    CustomerContext,
    client_class=st.sampled_from(ClientClass),
    orders=st.lists(orders, max_size=4).map(tuple),
    tasks=st.lists(tasks, max_size=4).map(tuple),
    contacts=st.lists(contacts, max_size=4).map(tuple),
)
rules = st.builds(
    OwnershipRules,
    recent_contact_days=st.floats(0, 3660),
    season=st.none() | st.tuples(days, days),
    skill_of_class=st.dictionaries(st.sampled_from(ClientClass), skills),
    skill_of_intent=st.dictionaries(st.sampled_from(Intent), skills),
    zone=st.sampled_from(["Europe/Moscow", "Asia/Vladivostok"]).map(ZoneInfo),
)
intents = st.sampled_from(Intent)
any_moments = st.datetimes(datetime(2026, 5, 1), datetime(2026, 8, 1), timezones=st.just(UTC))  # noqa: DTZ001


def operators_in(context: CustomerContext) -> set[str | None]:
    existing = (*context.orders, *context.tasks, *context.contacts)
    return {item.operator for item in existing} - {None}


@given(contexts, intents, rules, moments | any_moments)
@steady
def test_an_owner_and_who_is_credited_are_named_in_the_context(
    context: CustomerContext, intent: Intent, rules: OwnershipRules, now: datetime
) -> None:
    found = find_routing(context, intent, rules, now)
    assert {found.owner, found.credited_to} - {None} <= operators_in(context)
    assert (found.owner is None) == (found.owner_rule == "")
    assert (not found.skills) == (found.skills_rule == "")


@given(contexts, intents, rules, moments)
@steady
def test_super_vips_and_complaints_never_have_an_owner(
    context: CustomerContext, intent: Intent, rules: OwnershipRules, now: datetime
) -> None:
    found = find_routing(context, intent, rules, now)
    if context.client_class is ClientClass.SUPER_VIP or intent is Intent.COMPLAINT:
        assert found.owner is None


@given(contexts, intents, rules, moments, st.data())
@steady
def test_the_order_in_which_things_are_told_does_not_matter(
    context: CustomerContext,
    intent: Intent,
    rules: OwnershipRules,
    now: datetime,
    data: st.DataObject,
) -> None:
    shuffled = CustomerContext(
        client_class=context.client_class,
        orders=tuple(data.draw(st.permutations(context.orders))),
        tasks=tuple(data.draw(st.permutations(context.tasks))),
        contacts=tuple(data.draw(st.permutations(context.contacts))),
    )
    assert find_routing(shuffled, intent, rules, now) == find_routing(context, intent, rules, now)


@given(contexts, intents, rules, moments)
@steady
def test_who_owns_by_an_order_in_work_or_a_task_is_credited(
    context: CustomerContext, intent: Intent, rules: OwnershipRules, now: datetime
) -> None:
    found = find_routing(context, intent, rules, now)
    if found.owner_rule in ("B2", "B14"):
        assert found.credited_to == found.owner
    if found.owner_rule == "A9":
        assert found.credited_to is None


@given(contexts, intents, rules, moments, operators, st.frozensets(operators), moments)
@steady
def test_what_people_decided_is_never_changed(
    context: CustomerContext,
    intent: Intent,
    rules: OwnershipRules,
    now: datetime,
    assigned_to: str,
    declined_by: frozenset[str],
    pinned_at: datetime,
) -> None:
    before = Routing(assigned_to=assigned_to, declined_by=declined_by, pinned_at=pinned_at)
    found = find_routing(context, intent, rules, now, before)
    assert (found.assigned_to, found.declined_by, found.pinned_at) == (
        assigned_to,
        declined_by,
        pinned_at,
    )
    assert find_routing(context, intent, rules, now, found) == found
