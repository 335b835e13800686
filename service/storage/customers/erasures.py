"""The record of erasures: when, by whom, and what must still be searched; no client is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from service.storage.customers.erasure_tables import erasures, tombstones
from service.storage.database import Connection, Database

# Senders' requests up to a time, the oldest first; an empty request was erased.
DELIVERIES = """
SELECT id, state, request, result FROM deliveries
WHERE id > $1 AND received_at <= $2 AND length(request) > 0 ORDER BY id LIMIT $3
"""
EMPTY = """
UPDATE deliveries SET
    request = '', size = 0, reason = 'erased',
    state = CASE WHEN state = 'quarantined' THEN 'ignored' ELSE state END
WHERE id = ANY ($1::uuid[]) AND state <> 'received' RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure, with counts by sort of row.

    `wanted` holds, sealed, what the search of requests needs.
    """

    id: UUID
    at: datetime
    by: str
    reason: str
    counts: Mapping[str, int]
    wanted: bytes | None = None
    looked_until: UUID | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """A sender's stored request, sealed; `result` lists the leads that it led to."""

    id: UUID
    state: str
    request: bytes
    result: list[Mapping[str, Any]] | None


async def add_erasure(connection: Connection, erasure: Erasure) -> None:
    """Store an erasure."""
    values = {name: getattr(erasure, name) for name in Erasure.__slots__}
    await connection.execute(insert(erasures).values(values))


async def put_erasure(connection: Connection, erasure: Erasure) -> None:
    """Store the progress of an erasure."""
    values = {
        name: getattr(erasure, name) for name in ("counts", "wanted", "looked_until", "finished_at")
    }
    await connection.execute(update(erasures).where(erasures.c.id == erasure.id).values(values))


async def unfinished_erasures(connection: Connection, limit: int) -> list[UUID]:
    """The ids of unfinished erasures, the oldest first."""
    statement = select(erasures.c.id).where(erasures.c.finished_at.is_(None))
    return list(await connection.scalars(statement.order_by(erasures.c.at).limit(limit)))


async def find_erasure(connection: Connection, erasure_id: UUID) -> Erasure:
    """An erasure."""
    statement = select(erasures).where(erasures.c.id == erasure_id)
    return Erasure(**(await connection.execute(statement)).mappings().one())


async def list_erasures(
    connection: Connection, before: UUID | None, limit: int
) -> tuple[list[Erasure], int]:
    """Erasures, the newest first, and how many repeated signals were dropped in all."""
    statement = select(erasures).order_by(erasures.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(erasures.c.id < before)
    found = [Erasure(**row) for row in (await connection.execute(statement)).mappings()]
    dropped = await connection.scalar(select(func.coalesce(func.sum(tombstones.c.dropped), 0)))
    return found, int(dropped or 0)


async def requests_after(
    database: Database, after: UUID, until: datetime, limit: int
) -> list[KeptRequest]:
    """Senders' stored requests after one, in the order of their ids."""
    rows = await database.fetch(DELIVERIES, after, until, limit)
    return [KeptRequest(**row) for row in rows]


async def empty_requests(database: Database, ids: list[UUID]) -> int:
    """Erase the content of requests; their rows stay. Returns how many."""
    return len(await database.fetch(EMPTY, ids)) if ids else 0
