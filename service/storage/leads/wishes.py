"""Wishes to be answered when the goods have arrived (rule B12)."""

from uuid import UUID

from service.leads.lead import Lead
from service.storage.database import Database
from service.storage.rows import lead_of

WISHES = """
SELECT * FROM leads WHERE outcome = 'wish' AND queue = $1 AND state = 'settled' AND id > $2
ORDER BY id LIMIT $3
"""


async def wishes_of(database: Database, queue: str, after: UUID, limit: int) -> list[Lead]:
    """The wishes of a queue, the oldest first; `after` is the last id of an earlier page."""
    return [lead_of(row) for row in await database.fetch(WISHES, queue, after, limit)]
