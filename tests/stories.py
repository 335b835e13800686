"""Short ways to say what operators do."""

from collections.abc import Awaitable, Callable

from service.flows.claim_next import claim_next
from service.flows.look_at_leads import look_at_events
from service.leads.lead import Lead
from service.resources import Resources

Receive = Callable[..., Awaitable[Lead]]


async def take(resources: Resources, operator: str) -> Lead:
    """The operator asks for the next lead and is given one."""
    lead = (await claim_next(resources, operator)).lead
    assert lead is not None
    assert lead.claim is not None
    return lead


async def event_types(resources: Resources, lead: Lead) -> list[str]:
    """What happened to a lead, in order."""
    records = await look_at_events(resources, lead.id, after=0, most=100)
    return [record.event.type for record in records]
