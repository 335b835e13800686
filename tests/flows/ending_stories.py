"""Short ways in which operators end their claims."""

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any

import pytest
from driven_clock import NOON, DrivenClock
from stories import Receive, take

from service.flows.claims.claim_next import claim_next
from service.flows.claims.decline_claim import decline_claim
from service.flows.claims.park_claim import Parking, park_claim
from service.flows.claims.settle_claim import settle_claim
from service.flows.claims.transfer_claim import Handover, transfer_claim
from service.flows.leads.update_lead import LeadUpdate, update_lead
from service.flows.leads.view_leads import view_lead_events
from service.leads.card import Card
from service.leads.context import CustomerContext
from service.leads.customer import Customer
from service.leads.errors import InvalidRequest
from service.leads.lead import Lead, ParkedFor, State
from service.leads.operator import Operator
from service.leads.settlement import Outcome, Settlement
from service.resources import Resources
from service.rules.returns import THEIRS_FIRST
from service.storage.customers.customers import put_card
from service.storage.leads.duplicates import Sender
from service.storage.leads.history import LeadEvent
from service.storage.operators.operators import put_operator

SENDER = Sender("tests", may_read=True)
CALLBACK_STAGE = 750
RETURNS = {
    ParkedFor.CALLBACK: CALLBACK_STAGE,
    ParkedFor.PAYMENT: 400,
    ParkedFor.WHOLESALE_CHECK: 300,
    **dict.fromkeys((ParkedFor.NO_ANSWER, ParkedFor.LATER, ParkedFor.ARCHIVE), 600),
}
"""Where a chat comes back to."""
HALF_AN_HOUR, DAY = timedelta(minutes=30), timedelta(days=1)
IRINA = Customer("irina", phone="+79161234567", email="i@example.com", messengers={"vk": "irina"})


async def staff(resources: Resources, *operators: Operator) -> None:
    async with resources.stores.database.transaction() as connection:
        for operator in operators:
            await put_operator(connection, operator, NOON)
    resources.stores.directory.forget()


async def customer(resources: Resources, **existing: Any) -> None:
    async with resources.stores.database.transaction() as connection:
        await put_card(connection, Card(IRINA, CustomerContext(**existing)), NOON)


async def decline(resources: Resources, lead: Lead, reason: str = "не моё") -> Lead:
    assert lead.claim is not None
    return await decline_claim(resources, lead.id, lead.claim.token, reason)


async def transfer(
    resources: Resources,
    lead: Lead,
    operator: str | None = None,
    skill: str | None = None,
    note: str | None = "просил Бориса",
) -> Lead:
    assert lead.claim is not None
    handover = Handover(operator, skill, note)
    return await transfer_claim(resources, lead.id, lead.claim.token, handover)


async def park(resources: Resources, lead: Lead, until: datetime) -> Lead:
    assert lead.claim is not None
    return await park_claim(resources, lead.id, lead.claim.token, Parking(until, "уехал"))


async def settle(resources: Resources, lead: Lead, outcome: str, **sent: Any) -> Lead:
    assert lead.claim is not None
    settlement = Settlement(Outcome(outcome), **{"note": "сделано", **sent})
    return await settle_claim(resources, lead.id, lead.claim.token, settlement)


async def paid(resources: Resources, lead: Lead) -> Lead:
    return await update_lead(resources, lead.id, LeadUpdate({"paid": True}, False, SENDER))


async def last_event(resources: Resources, lead: Lead, wanted: str) -> LeadEvent:
    records = await view_lead_events(resources, lead.id, after=0, limit=100)
    return [record.event for record in records if record.event.type == wanted][-1]


async def mistakes(attempt: Awaitable[Lead]) -> list[str]:
    with pytest.raises(InvalidRequest) as refused:
        await attempt
    return [mistake.field for mistake in refused.value.mistakes]


async def taken(resources: Resources, receive: Receive, **sent: Any) -> Lead:
    await receive(**sent)
    return await take(resources, "anna")


async def comes_back(
    resources: Resources, clock: DrivenClock, parked: Lead, until: datetime
) -> None:
    """In the line at once, where its cause puts it, without anybody in the background."""
    assert (parked.state, parked.claim, parked.parked_until) == (State.PARKED, None, until)
    clock.moment = until - timedelta(seconds=1)
    assert (await claim_next(resources, "boris")).lead is None
    clock.moment = until
    assert parked.parked_for is not None
    taken = (await claim_next(resources, "boris")).lead
    if taken is None:  # the promiser is at work
        assert parked.parked_for in THEIRS_FIRST
        resources.lane_names.note("main", "anna>everybody")
        taken = await take(resources, "anna")
    assert (taken.id, taken.ranking.stage) == (parked.id, RETURNS[parked.parked_for])
    assert taken.note == parked.note
