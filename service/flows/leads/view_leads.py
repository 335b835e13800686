"""Show leads, their explanations and their events; nothing changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from service.leads.identity import Evidence
from service.leads.lead import MOVES, Lead, Step
from service.matching.marks import read_phone
from service.ranking.decision import Decision
from service.resources import Resources
from service.storage.leads.claim_events import last_decision
from service.storage.leads.history import Record, events_of
from service.storage.leads.lead_search import LeadFilter, LeadPage, search_leads
from service.storage.leads.leads import find

MAX_QUEUES = 1000


async def view_lead(resources: Resources, lead_id: UUID) -> Lead:
    """One lead; raises LeadNotFound."""
    async with resources.stores.database.transaction() as connection:
        return await find(connection, lead_id)


async def view_leads(resources: Resources, wanted: LeadFilter, limit: int) -> LeadPage:
    """A page of leads, newest first."""
    async with resources.stores.database.transaction() as connection:
        return await search_leads(connection, wanted, limit)


async def phones_as_identities(
    resources: Resources, phone: str, queue: str | None
) -> list[tuple[str, str]]:
    """Read a number for the region of each queue: pairs of a queue and an identity of its leads.

    Raises QueueNotFound. The list is empty when no region reads it as a number.
    """
    contexts, directory = resources.stores.bases, resources.stores.directory
    names = [(await directory.queue(queue)).name] if queue else await directory.queue_names()
    found = []
    for name in names[:MAX_QUEUES]:
        number = read_phone(phone, (await contexts.of(name)).policy.region)
        if number is not None:
            found.append((name, f"{Evidence.PHONE}:{number}"))
    return found


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a lead has its place and why it was served; times are in its queue's zone."""

    lead: Lead
    decision: Decision | None
    steps: Sequence[Step]


async def view_explanation(resources: Resources, lead_id: UUID) -> Explained:
    """One lead with the decision of its present or last claim; raises LeadNotFound."""
    async with resources.stores.database.transaction() as connection:
        lead = await find(connection, lead_id)
        decision = await last_decision(connection, lead_id)
    queue, version = lead.signal.queue, lead.ranking.policy_version
    zone = (await resources.stores.bases.policy(queue, version)).hours.timetable.zone
    steps = lead.ranking.timeline if MOVES[lead.state] else ()
    local = [replace(step, at=step.at.astimezone(zone)) for step in steps]
    return Explained(lead, decision, local)


async def view_lead_events(
    resources: Resources, lead_id: UUID, *, after: int, limit: int
) -> Sequence[Record]:
    """What happened to a lead, oldest first; raises LeadNotFound."""
    async with resources.stores.database.transaction() as connection:
        await find(connection, lead_id)
        return await events_of(connection, lead_id, after=after, limit=limit)


async def view_held(resources: Resources, operator: str) -> Sequence[Lead]:
    """The leads that an operator holds, longest held first; raises OperatorNotFound."""
    await resources.stores.directory.operator(operator)
    return await resources.stores.claims.held_by(operator)
