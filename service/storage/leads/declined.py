"""Leads that operators declined, and which of them are offered again."""

from datetime import datetime
from uuid import UUID

from service.storage.database import Database

DUE = """
SELECT id FROM leads
WHERE offer_again_at IS NOT NULL AND offer_again_at <= $1 AND state = 'waiting'
ORDER BY offer_again_at LIMIT $2
"""

# For a lane that nobody is served from: its leads without a time to be offered again.
IN_LANE = """
SELECT id FROM leads
WHERE queue = $1 AND lane = $2 AND state = 'waiting' AND offer_again_at IS NULL
ORDER BY rank DESC, id LIMIT $3
"""


async def due_offers(database: Database, now: datetime, limit: int) -> list[UUID]:
    """Leads that all declined, and that are due to be offered again."""
    return [row["id"] for row in await database.fetch(DUE, now, limit)]


async def waiting_in_lane(database: Database, queue: str, lane: str, limit: int) -> list[UUID]:
    """Waiting leads of a lane without a time to be offered again, in order."""
    return [row["id"] for row in await database.fetch(IN_LANE, queue, lane, limit)]
