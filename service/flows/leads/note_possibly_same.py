"""Leads that share a mark but differ in others refer to each other (rule A20).

It writes Postgres only. A failure is only logged, because the new lead already has the reference.
"""

import structlog

from service.flows.line.show_in_line import show_all_in_line
from service.leads.errors import NextleadError
from service.leads.lead import MAX_POSSIBLY_SAME, MOVES, Lead, PossiblySame
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent, append
from service.storage.leads.identities import lock_leads
from service.storage.leads.leads import alter
from service.storage.rows import possibly_same_column

POSSIBLY_SAME = "client.possibly_same"

log = structlog.get_logger()


async def note_possibly_same(resources: Resources, lead: Lead, actor: str) -> None:
    """Note a new lead on the other leads that share a mark with it."""
    shared = {item.lead: item.evidence for item in lead.possibly_same}
    now = resources.clock.now()
    try:
        async with resources.stores.database.transaction() as connection:
            others = await lock_leads(connection, shared)
            event = LeadEvent(POSSIBLY_SAME, now, actor, None, {"leads": [*map(str, shared)]})
            await append(connection, lead.id, event, before=lead.state, after=lead.state)
            changed = [
                await _note(connection, other, PossiblySame(lead.id, shared[other.id]), event)
                for other in others
                if MOVES[other.state]
            ]
        await show_all_in_line(resources, changed)
    except NextleadError as error:
        log.warning("client.possibly_same_not_noted", lead_id=str(lead.id), why=str(error))


async def _note(connection: Connection, other: Lead, same: PossiblySame, event: LeadEvent) -> Lead:
    every = (*other.possibly_same, same)[-MAX_POSSIBLY_SAME:]
    reported = LeadEvent(POSSIBLY_SAME, event.at, event.actor, None, {"leads": [str(same.lead)]})
    return await alter(connection, other, reported, {"possibly_same": possibly_same_column(every)})
