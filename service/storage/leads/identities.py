"""Whose a lead is known to be: of one open lead of a queue an identity is at a time."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from service.leads.lead import MOVES, Lead
from service.storage.database import Connection
from service.storage.leads.signal_tables import lead_identities
from service.storage.rows import lead_of
from service.storage.tables import leads


async def leads_of_identities(
    connection: Connection, queue: str, identities: Collection[str]
) -> Mapping[str, UUID]:
    """The open lead of each identity that has one."""
    statement = select(lead_identities.c.identity, lead_identities.c.lead_id).where(
        lead_identities.c.queue == queue,
        lead_identities.c.identity.in_(identities),
        lead_identities.c.open,
    )
    rows = await connection.execute(statement)
    return {row.identity: row.lead_id for row in rows}


async def lock_leads(connection: Connection, ids: Collection[UUID]) -> list[Lead]:
    """Leads, locked in the order of their ids as everywhere."""
    # Whoever locks more than leads locks in this order: a call, an operator, leads, the client's
    # card, their identities. Else two transactions could wait for each other.
    # Out of it is only the lead that one was joined into since the look at it: should two wait for
    # each other by that, Postgres ends one of them, and the caller gets a 503 and asks again.
    statement = select(leads).where(leads.c.id.in_(ids)).order_by(leads.c.id).with_for_update()
    return [lead_of(row) for row in (await connection.execute(statement)).mappings()]


async def identities_of(connection: Connection, lead_id: UUID) -> list[str]:
    """By what the client of a lead is known."""
    statement = select(lead_identities.c.identity).where(lead_identities.c.lead_id == lead_id)
    return list(await connection.scalars(statement))


async def add_identities(connection: Connection, lead: Lead, identities: Collection[str]) -> None:
    """Add identities to a lead's client; what another open lead has stays there.

    Of a lead that is over, they only say whose it was.
    """
    if identities:
        is_open = bool(MOVES[lead.state])
        values = [
            {"queue": lead.signal.queue, "identity": identity, "lead_id": lead.id, "open": is_open}
            for identity in sorted(identities)
        ]
        await connection.execute(insert(lead_identities).values(values).on_conflict_do_nothing())


async def pass_identities(
    connection: Connection, lead_id: UUID, identities: Collection[str], to: Lead
) -> None:
    """Let identities that a lead has be those of another one from now on."""
    await drop_identities(connection, lead_id, identities)
    await add_identities(connection, to, identities)


async def drop_identities(
    connection: Connection, lead_id: UUID, identities: Collection[str]
) -> None:
    """Take identities away from a lead's client: it was somebody else."""
    dropped = lead_identities.c.identity.in_(identities)
    await connection.execute(
        delete(lead_identities).where(lead_identities.c.lead_id == lead_id, dropped)
    )


async def close_identities(connection: Connection, lead_id: UUID) -> None:
    """A lead is over: from now on its identities only say whose it was."""
    await connection.execute(
        update(lead_identities)
        .where(lead_identities.c.lead_id == lead_id, lead_identities.c.open)
        .values(open=False)
    )
