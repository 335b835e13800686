"""Follows merges: updates to a merged lead go to the lead it was merged into."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from service.leads.errors import LeadNotFound
from service.leads.lead import Lead
from service.storage.database import Connection, Database
from service.storage.leads.identities import lock_leads
from service.storage.rows import lead_of
from service.storage.tables import leads

MAX_JOINS = 10  # merges that may happen while this one is followed


async def merge_target_id(connection: Connection, lead_id: UUID) -> UUID:
    """The id of the lead that this one was merged into, else its own; raises LeadNotFound."""
    present = func.coalesce(leads.c.joined_into, leads.c.id)
    found: UUID | None = await connection.scalar(select(present).where(leads.c.id == lead_id))
    if found is None:
        raise LeadNotFound(f"No lead has the id {lead_id}.")
    return found


async def locked_merge_target(connection: Connection, lead_id: UUID) -> Lead:
    """The lead that this one was merged into, else itself, locked; raises LeadNotFound."""
    lead, _ = await lock_merge_target(connection, lead_id)
    return lead


async def lock_merge_target(
    connection: Connection, lead_id: UUID, others: Collection[UUID] = ()
) -> tuple[Lead, list[Lead]]:
    """The same lead with other leads, locked together in the order of their ids."""
    while True:
        lead_id = await merge_target_id(connection, lead_id)
        found = {item.id: item for item in await lock_leads(connection, {lead_id, *others})}
        lead = found.pop(lead_id)
        if lead.joined_into is None:  # else it was merged since it was looked up
            return lead, [*found.values()]


async def merge_target_of(database: Database, lead: Lead) -> Lead:
    """The lead that an already read lead was merged into, else itself; not locked."""
    for _ in range(MAX_JOINS):
        if lead.joined_into is None:
            break
        row = (await database.fetch("SELECT * FROM leads WHERE id = $1", lead.joined_into))[0]
        lead = lead_of(row)
    return lead


async def move_merged(connection: Connection, lead_id: UUID, to: UUID) -> None:
    """Point all leads that were merged into one lead to another lead."""
    await add_merged(connection, leads.c.joined_into == lead_id, to)


async def add_merged(connection: Connection, which: ColumnElement[bool], to: UUID) -> None:
    """Point those of some leads that are merged to this lead."""
    # no new version: a merged lead is in no line, and nothing else of it changes
    parts = which & leads.c.joined_into.is_not(None)
    await connection.execute(update(leads).where(parts).values(joined_into=to))
