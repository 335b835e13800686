"""The queue and the holder of a lead, and the queues where a client has leads."""

from collections.abc import Collection
from uuid import UUID

from service.storage.database import Database

PLACE = """
SELECT queue, claimed_by, settled_by FROM leads WHERE id = $1
"""
OF_CLIENT = """
SELECT EXISTS (SELECT FROM leads WHERE customer_id = $1 AND queue = ANY($2::text[])) AS has_any
"""
THOSE_IN = """
SELECT id FROM leads WHERE id = ANY($1::uuid[])
    AND (queue = ANY($2::text[]) OR ($3::text IS NOT NULL AND claimed_by = $3))
"""


async def place_of(database: Database, lead_id: UUID) -> tuple[str, str | None] | None:
    """The queue of a lead, and who holds or settled it; None when there is no such lead."""
    rows = await database.fetch(PLACE, lead_id)
    return (rows[0]["queue"], rows[0]["claimed_by"] or rows[0]["settled_by"]) if rows else None


async def has_lead_in(database: Database, number: str, queues: Collection[str]) -> bool:
    """Whether a client has, or had, a lead in any of the queues."""
    rows = await database.fetch(OF_CLIENT, number, list(queues))
    return bool(rows[0]["has_any"])


async def those_in(
    database: Database, ids: Collection[UUID], queues: Collection[str], holder: str | None
) -> set[UUID]:
    """Those of the leads that are in any of the queues, or held by an operator."""
    rows = await database.fetch(THOSE_IN, list(ids), list(queues), holder)
    return {row["id"] for row in rows}
