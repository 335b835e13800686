"""A person says that two leads with a shared mark belong to two clients (rule A20).

It writes Postgres only, in one transaction that locks both leads in the order of their ids.
"""

from uuid import UUID

from service.flows.line.show_in_line import show_all_in_line
from service.leads.errors import LeadNotFound
from service.leads.lead import MOVES, Lead
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import lock_leads
from service.storage.leads.leads import alter
from service.storage.rows import possibly_same_column

KEPT_APART = "client.kept_apart"


async def keep_apart(resources: Resources, lead_id: UUID, other_id: UUID, by: str) -> None:
    """Stop two leads from naming each other as possibly the same; raises LeadNotFound."""
    async with resources.stores.database.transaction() as connection:
        both = await lock_leads(connection, {lead_id, other_id})
        if {lead.id for lead in both} != {lead_id, other_id}:
            raise LeadNotFound("There is no such lead.")
        event = LeadEvent(KEPT_APART, resources.clock.now(), by, None, {})
        changed = [await _without(connection, lead, {lead_id, other_id}, event) for lead in both]
    await show_all_in_line(resources, [lead for lead in changed if MOVES[lead.state]])


async def _without(connection: Connection, lead: Lead, pair: set[UUID], event: LeadEvent) -> Lead:
    others = tuple(item for item in lead.possibly_same if item.lead not in pair)
    if len(others) == len(lead.possibly_same):
        return lead
    return await alter(connection, lead, event, {"possibly_same": possibly_same_column(others)})
