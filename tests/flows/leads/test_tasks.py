"""Call tasks as leads: whose they are, their order, how many, how long (rule B14)."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from customer_stories import IRINA, a_task, employ, know, owner_of
from driven_clock import NOON, DrivenClock
from open_always import open_always
from stories import Receive, event_types, put_policy, take

from service.flows.claims.claim_lead import claim_lead
from service.flows.claims.settle_claim import settle_claim
from service.flows.claims.supervise import Instruction, withdraw_lead
from service.flows.leads.expire_tasks import expire_overdue_tasks
from service.flows.leads.extend_task import extend_task
from service.flows.leads.update_customer import view_customer
from service.flows.leads.view_leads import view_lead, view_lead_events
from service.leads.context import Campaign, ClientClass
from service.leads.errors import InvalidRequest, MoveNotAllowed, TaskLimit
from service.leads.lead import Channel, Kind, Lead, State
from service.leads.settlement import Outcome, Settlement
from service.policies.yaml_text import read_yaml
from service.resources import Resources

OWNERSHIP = read_yaml(open_always())["ownership"]
CRM = Channel.CRM_TASK
WEEK = timedelta(days=7)


async def few_tasks(resources: Resources, limit: int) -> None:
    """No operator may have more open call tasks than that."""
    await put_policy(resources, ownership={**OWNERSHIP, "most_open_tasks": limit})


async def test_a_task_is_its_operators_and_stands_on_the_clients_card(
    resources: Resources, receive: Receive
) -> None:
    lead = await receive(channel=CRM, customer=IRINA, task=a_task(), external_id="t-7")
    routing = lead.situation.routing
    assert lead.ranking.kind is Kind.TASK
    assert (routing.owner, routing.owner_rule, routing.credited_to) == ("anna", "B14", "anna")
    assert owner_of(lead.ranking.lane) == "anna"
    (task,) = (await view_customer(resources, "c-1")).context.tasks
    assert (task.external_id, task.operator, task.is_open) == ("t-7", "anna", True)
    chat = await receive(customer=IRINA)
    assert chat.situation.routing.owner_rule == "B14"


@pytest.mark.parametrize(
    ("sent", "operator"), [({"client_class": ClientClass.SUPER_VIP}, "anna"), ({}, "nobody")]
)
async def test_a_task_for_a_super_vip_or_of_a_stranger_is_nobodys(
    resources: Resources, receive: Receive, sent: dict[str, Any], operator: str
) -> None:
    await know(resources, **sent)
    lead = await receive(channel=CRM, customer=IRINA, task=a_task(operator))
    assert lead.situation.routing.owner is None
    assert (await view_customer(resources, "c-1")).context.tasks[0].operator == operator


async def test_birthdays_come_before_new_year_and_that_before_the_rest(
    resources: Resources, receive: Receive
) -> None:
    made = {}
    for number, campaign in enumerate(reversed(Campaign)):
        task = a_task(campaign=campaign)
        made[campaign] = await receive(channel=CRM, task=task, budget=Decimal(10**number))
    ordered = sorted(made, key=lambda item: made[item].ranking.rank, reverse=True)
    assert ordered == [Campaign.BIRTHDAY, Campaign.NEW_YEAR, Campaign.OTHER]
    stage = made[Campaign.BIRTHDAY].ranking.explanation["stage"]
    assert stage == {"value": 220, "source": "campaign birthday", "rule": "B14"}
    assert (await take(resources, "anna")).id == made[Campaign.BIRTHDAY].id


async def test_one_task_too_many_is_refused_until_one_is_closed(
    resources: Resources, receive: Receive
) -> None:
    await few_tasks(resources, 2)
    first = await receive(channel=CRM, task=a_task(), external_id="1", source="crm")
    await receive(channel=CRM, task=a_task())
    with pytest.raises(TaskLimit, match="anna has 2 open call tasks, and may have 2"):
        await receive(channel=CRM, task=a_task())
    again = await receive(channel=CRM, task=a_task(), external_id="1", source="crm")
    assert again.id == first.id
    await receive(channel=CRM, task=a_task("boris"))
    await receive()
    await settle(resources, first)
    await receive(channel=CRM, task=a_task())


async def test_of_many_that_come_at_once_only_so_many_are_taken(
    resources: Resources, receive: Receive
) -> None:
    await few_tasks(resources, 3)
    coming = (receive(channel=CRM, task=a_task()) for _ in range(8))
    came = await asyncio.gather(*coming, return_exceptions=True)
    assert sum(isinstance(item, Lead) for item in came) == 3
    assert sum(isinstance(item, TaskLimit) for item in came) == 5


async def settle(resources: Resources, lead: Lead) -> None:
    """Anna takes the task and sells something."""
    taken, _ = await claim_lead(resources, lead.id, "anna")
    won = Settlement(Outcome.WON, amount=Decimal(5), note="told")
    await settle_claim(resources, lead.id, taken.claim.token, won)


async def test_a_task_that_is_settled_is_closed_on_the_card(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive(channel=CRM, customer=IRINA, task=a_task())
    clock.pass_by(hours=1)
    await settle(resources, lead)
    context = (await view_customer(resources, "c-1")).context
    assert context.tasks[0].closed_at == NOON + timedelta(hours=1)
    assert context.contacts[0].operator == "anna"


async def test_a_task_out_of_date_settles_itself_unless_somebody_holds_it(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    await employ(resources, "anna", capacity=5)
    held = await receive(channel=CRM, task=a_task(expires_at=NOON + WEEK))
    await take(resources, "anna")
    waiting = await receive(channel=CRM, task=a_task(expires_at=NOON + WEEK))
    other = await receive(channel=CRM, task=a_task(expires_at=NOON + 2 * WEEK))
    clock.pass_by(days=7)
    await expire_overdue_tasks(resources)
    expired = await view_lead(resources, waiting.id)
    assert (expired.state, expired.outcome, expired.settled_by) == (
        *(State.SETTLED, "expired", "nextlead"),
    )
    event = (await view_lead_events(resources, waiting.id, after=0, limit=9))[-1]
    assert (event.event.type, event.event.details["operator"]) == ("lead.expired", "anna")
    assert (await view_lead(resources, held.id)).state is State.CLAIMED
    assert (await view_lead(resources, other.id)).state is State.WAITING
    assert (await take(resources, "anna")).id == other.id


async def test_a_supervisor_extends_a_task_with_a_reason(
    resources: Resources, receive: Receive, clock: DrivenClock
) -> None:
    lead = await receive(channel=CRM, customer=IRINA, task=a_task())
    await extend_task(resources, lead.id, NOON + 2 * WEEK, "ill", "olga")
    event = (await view_lead_events(resources, lead.id, after=0, limit=9))[-1].event
    assert (event.type, event.actor, event.reason) == ("lead.extended", "olga", "ill")
    assert (await view_customer(resources, "c-1")).context.tasks[0].expires_at == NOON + 2 * WEEK
    clock.pass_by(days=7)
    await expire_overdue_tasks(resources)
    assert (await view_lead(resources, lead.id)).state is State.WAITING
    clock.pass_by(days=7)
    await expire_overdue_tasks(resources)
    assert (await event_types(resources, lead))[-1] == "lead.expired"
    with pytest.raises(MoveNotAllowed):
        await extend_task(resources, lead.id, NOON + 4 * WEEK, "ill", "olga")


async def test_only_a_task_is_extended_and_only_to_a_time_to_come(
    resources: Resources, receive: Receive
) -> None:
    chat, task = await receive(), await receive(channel=CRM, task=a_task())
    with pytest.raises(MoveNotAllowed, match="no call task"):
        await extend_task(resources, chat.id, NOON + WEEK, "ill", "olga")
    with pytest.raises(InvalidRequest, match="expires_at"):
        await extend_task(resources, task.id, NOON, "ill", "olga")


async def test_a_task_nobody_answered_or_that_was_withdrawn_is_closed_without_a_talk(
    resources: Resources, receive: Receive
) -> None:
    await put_policy(resources, no_answer_retry_minutes=[])
    word = Instruction("olga", "wrong list")
    called = await receive(channel=CRM, customer=IRINA, task=a_task(), source="1")
    taken, _ = await claim_lead(resources, called.id, "anna")
    unanswered = Settlement(Outcome.NO_ANSWER)
    await settle_claim(resources, called.id, taken.claim.token, unanswered)
    other = await receive(channel=CRM, customer=IRINA, task=a_task("boris"), source="2")
    await withdraw_lead(resources, other.id, Outcome.LOST, word)
    context = (await view_customer(resources, "c-1")).context
    assert ([task.is_open for task in context.tasks], context.contacts) == ([False, False], ())
