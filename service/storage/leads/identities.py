"""The marks of leads, by which their clients are identified.

In a queue a mark belongs to one open lead at a time. It is contested at other open leads whose
other marks show another client.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, or_, select, text, update

from service.leads.lead import MOVES, Lead
from service.matching.marks import Mark, mark_of
from service.storage.database import Connection
from service.storage.json_rows import as_json
from service.storage.leads.signal_tables import lead_identities
from service.storage.rows import lead_of
from service.storage.tables import leads

MAX_LEADS = 20
MAX_MARKS = 200
AT_ONCE = 10_000  # a statement takes at most 32 767 values

# A mark of another open lead is contested here; a mark that the lead has may become stronger.
ADD = text(
    f"""
    WITH given AS (
        SELECT * FROM json_to_recordset(CAST(:marks AS json)) AS (identity text, strength smallint)
    ), surer AS (
        UPDATE lead_identities SET strength = given.strength FROM given
        WHERE lead_identities.lead_id = :lead AND lead_identities.queue = :queue
            AND lead_identities.identity = given.identity
            AND given.strength < lead_identities.strength
    )
    INSERT INTO lead_identities (queue, identity, lead_id, strength, open, contested)
    SELECT :queue, given.identity, :lead, given.strength, :is_open AND NOT taken, :is_open AND taken
    FROM given, LATERAL (
        SELECT EXISTS (
            SELECT FROM lead_identities
            WHERE queue = :queue AND identity = given.identity AND open AND lead_id <> :lead
        ) AS taken
    ) AS other
    WHERE (SELECT count(*) FROM lead_identities WHERE lead_id = :lead) < {MAX_MARKS}
    ORDER BY given.identity
    ON CONFLICT DO NOTHING
    """
).bindparams(bindparam("lead", type_=lead_identities.c.lead_id.type))


async def leads_of_marks(
    connection: Connection, queue: str, marks: Iterable[Mark]
) -> dict[UUID, frozenset[str]]:
    """The open leads with any of the marks, at most 20, each with the shared identities."""
    rows_of = lead_identities.c
    statement = (
        select(rows_of.identity, rows_of.lead_id)
        .where(rows_of.queue == queue, rows_of.identity.in_([mark.identity for mark in marks]))
        .where(or_(rows_of.open, rows_of.contested))
        .order_by(rows_of.open.desc(), rows_of.lead_id)
        .limit(MAX_LEADS)
    )
    found: dict[UUID, set[str]] = defaultdict(set)
    for row in await connection.execute(statement):
        found[row.lead_id].add(row.identity)
    return {lead_id: frozenset(shared) for lead_id, shared in found.items()}


async def lock_leads(connection: Connection, ids: Collection[UUID]) -> list[Lead]:
    """Lock leads in the order of their ids."""
    # The order of locks in the whole service, against deadlocks: a call, an operator, leads, the
    # client's card, identities. The only exception is a lead that another one was joined into since
    # it was looked up. If that makes two transactions wait for each other, Postgres ends one of
    # them, and the caller gets a 503 and tries again.
    found: list[Lead] = []
    for some in _parts(sorted({*ids})):
        statement = select(leads).where(leads.c.id.in_(some)).order_by(leads.c.id)
        rows = await connection.execute(statement.with_for_update())
        found += [lead_of(row) for row in rows.mappings()]
    return found


async def marks_of_leads(
    connection: Connection, ids: Collection[UUID]
) -> Mapping[UUID, tuple[Mark, ...]]:
    """All marks of the clients of leads."""
    rows_of = lead_identities.c
    columns = select(rows_of.lead_id, rows_of.identity, rows_of.strength)
    found: dict[UUID, list[Mark]] = defaultdict(list)
    for some in _parts([*ids]):
        for row in await connection.execute(columns.where(rows_of.lead_id.in_(some))):
            found[row.lead_id].append(mark_of(row.identity, row.strength))
    return {lead_id: tuple(found[lead_id]) for lead_id in ids}


def _parts(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE))


async def add_marks(connection: Connection, lead: Lead, marks: Iterable[Mark]) -> None:
    """Add marks to a lead; at a settled lead they are only a record of its client.

    A mark of another open lead stays there and is contested here.
    """
    given = [{"identity": mark.identity, "strength": mark.strength} for mark in marks]
    if given:
        parameters: dict[str, Any] = {
            "queue": lead.signal.queue,
            "lead": lead.id,
            "is_open": bool(MOVES[lead.state]),
            "marks": as_json(given),
        }
        await connection.execute(ADD, parameters)


async def pass_marks(
    connection: Connection, lead_id: UUID, marks: Collection[Mark], to: Lead
) -> None:
    """Move marks from a lead to another one."""
    await drop_marks(connection, lead_id, marks)
    await add_marks(connection, to, marks)


async def drop_marks(connection: Connection, lead_id: UUID, marks: Iterable[Mark]) -> None:
    """Remove marks from a lead, because they are not its client's."""
    dropped = lead_identities.c.identity.in_([mark.identity for mark in marks])
    await connection.execute(
        delete(lead_identities).where(lead_identities.c.lead_id == lead_id, dropped)
    )


async def note_talk(connection: Connection, lead_id: UUID, operator: str, at: datetime) -> None:
    """Record that an operator talked with the lead's client, at the lead's marks (A9)."""
    await connection.execute(
        update(lead_identities)
        .where(lead_identities.c.lead_id == lead_id)
        .values(talked_by=operator, talked_at=at)
    )


async def close_identities(connection: Connection, lead_id: UUID) -> None:
    """Close the marks of a lead that is over; from now on they are only a record."""
    in_use = or_(lead_identities.c.open, lead_identities.c.contested)
    await connection.execute(
        update(lead_identities)
        .where(lead_identities.c.lead_id == lead_id, in_use)
        .values(open=False, contested=False)
    )
