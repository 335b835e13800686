"""Queries of leads, and changes of one locked lead inside a transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, tuple_, update

from service.leads.errors import LeadNotFound
from service.leads.lead import MOVES, Claim, Kind, Lead, State, check_move
from service.metrics.families import LEADS_ENDED
from service.storage.database import Connection
from service.storage.leads.claims import ONE_AT_A_TIME
from service.storage.leads.history import LeadEvent, append
from service.storage.leads.identities import close_identities
from service.storage.operators.operators import end_wrap_up
from service.storage.rows import lead_of, new_row
from service.storage.tables import leads

NO_MORE: Mapping[str, Any] = {}
NOBODY = {
    **{"claimed_by": None, "claim_token": None, "claimed_since": None, "lease_until": None},
    **{"on_top": False, "paused_since": None, "talking_since": None},
}


async def find(connection: Connection, lead_id: UUID) -> Lead:
    """The lead; raises LeadNotFound."""
    return await _one(connection, lead_id, locked=False)


async def locked(connection: Connection, lead_id: UUID) -> Lead:
    """The lead, locked until this transaction ends; raises LeadNotFound."""
    return await _one(connection, lead_id, locked=True)


async def locked_if_free(connection: Connection, lead_id: UUID) -> Lead | None:
    """The lead, locked; None when it does not exist or somebody else has locked it."""
    statement = select(leads).where(leads.c.id == lead_id).with_for_update(skip_locked=True)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else lead_of(row)


async def find_many(connection: Connection, ids: Sequence[UUID]) -> list[Lead]:
    """Those of the leads that exist, in the order asked for."""
    rows = await connection.execute(select(leads).where(leads.c.id.in_(ids)))
    found = {row["id"]: lead_of(row) for row in rows.mappings()}
    return [found[item] for item in ids if item in found]


async def list_in_order(
    connection: Connection,
    served: Mapping[str, Sequence[str]],
    limit: int,
    without: Collection[Kind] = (),
) -> list[Lead]:
    """Waiting leads in the order in which the lanes are served, read from the rows.

    Kinds in `without` are left out.
    """
    places = [(queue, lane) for queue, lanes in served.items() for lane in lanes]
    statement = (
        select(leads)
        .where(tuple_(leads.c.queue, leads.c.lane).in_(places), leads.c.state == State.WAITING)
        .where(leads.c.kind.not_in(without))
        .order_by(leads.c.rank.desc(), leads.c.id)
        .limit(limit)
    )
    return [lead_of(row) for row in (await connection.execute(statement)).mappings()]


async def count_held(connection: Connection, operator: str) -> int:
    """How many leads an operator holds; their other requests wait until the transaction ends.

    It must be called before any lead is locked: first the operator is locked, then leads.
    """
    await connection.execute(text(ONE_AT_A_TIME.replace("$1", ":name")), {"name": operator})
    statement = select(func.count()).where(
        leads.c.claimed_by == operator, leads.c.state == State.CLAIMED
    )
    return await connection.scalar(statement) or 0


async def add(
    connection: Connection, lead: Lead, event: LeadEvent, columns: Mapping[str, Any] = NO_MORE
) -> None:
    """Store a lead with its first event, outside the batches of intake."""
    row = new_row(lead, created_by=lead.brought_by or event.actor, changed_at=lead.created_at)
    await connection.execute(insert(leads).values({**row, **columns}))
    await append(connection, lead.id, event, before=None, after=lead.state)


async def move(
    connection: Connection, lead: Lead, to: State, event: LeadEvent, changes: dict[str, Any]
) -> Lead:
    """Move a locked lead to another state with its event; returns the lead afterwards.

    Raises MoveNotAllowed when the table of moves forbids it.
    """
    check_move(lead.state, to)
    moved = await change(connection, lead, columns_moved(lead, to, changes, event.at), event.at)
    if lead.claim is not None and lead.situation.talked_at is not None:
        await end_wrap_up(connection, lead.claim.operator)
    await append(connection, lead.id, event, before=lead.state, after=to)
    if not MOVES[to]:
        await close_identities(connection, lead.id)
    if to is State.SETTLED:
        LEADS_ENDED.add(lead.ranking.kind.value, lead.sender, str(changes["outcome"]))
    return moved


def columns_moved(
    lead: Lead, to: State, changes: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """The columns that a move to another state writes."""
    holder = {} if to is State.CLAIMED else NOBODY
    parked = {"parked_until": changes.get("parked_until"), "state": to.value}
    return {**_promised(lead, to, now), **changes, **holder, **parked}


def _promised(lead: Lead, to: State, now: datetime) -> dict[str, Any]:
    """When a parked lead waits again: from the promised time, or earlier if the client came."""
    if lead.parked_until is None or to is not State.WAITING:
        return {}
    return {"promised_at": min(lead.parked_until, now)}


async def alter(
    connection: Connection, lead: Lead, event: LeadEvent, changes: dict[str, Any]
) -> Lead:
    """Change a locked lead without a move, with an event; returns the lead afterwards."""
    altered = await change(connection, lead, changes, event.at)
    await append(connection, lead.id, event, before=lead.state, after=lead.state)
    return altered


async def hold(
    connection: Connection,
    lead: Lead,
    claim: Claim,
    event: LeadEvent,
    more: Mapping[str, Any] = NO_MORE,
) -> Lead:
    """Give a locked, waiting lead to an operator; `more` columns change with it."""
    columns = {
        "claimed_by": claim.operator,
        "claim_token": claim.token,
        "claimed_since": claim.since,
        "lease_until": claim.lease_until,
        "on_top": claim.on_top,
        "talking_since": claim.talking_since,
        **more,
        "first_claimed_at": func.coalesce(leads.c.first_claimed_at, claim.since),
    }
    return await move(connection, lead, State.CLAIMED, event, columns)


async def renew(connection: Connection, lead: Lead, lease_until: datetime, now: datetime) -> Lead:
    """Extend the lease of a locked lead; it is no move, so it has no event."""
    return await change(connection, lead, {"lease_until": lease_until}, now)


async def _one(connection: Connection, lead_id: UUID, *, locked: bool) -> Lead:
    statement = select(leads).where(leads.c.id == lead_id)
    if locked:
        statement = statement.with_for_update()
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        raise LeadNotFound(f"No lead has the id {lead_id}.")
    return lead_of(row)


async def change(
    connection: Connection, lead: Lead, columns: dict[str, Any], now: datetime
) -> Lead:
    """Write columns of a locked lead as a new version; returns the lead afterwards."""
    statement = (
        update(leads)
        .where(leads.c.id == lead.id)
        .values(version=leads.c.version + 1, changed_at=now, **columns)
        .returning(leads)
    )
    row = (await connection.execute(statement)).mappings().one()
    return lead_of(row)
