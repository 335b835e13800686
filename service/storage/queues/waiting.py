"""How many leads wait in some lanes of a queue."""

from collections.abc import Sequence

from service.storage.database import Database

WAITING = """
SELECT count(*) AS waiting FROM leads
WHERE queue = $1 AND state = 'waiting' AND lane = ANY($2::text[])
"""


async def count_waiting(database: Database, queue: str, lanes: Sequence[str]) -> int:
    """How many leads wait in these lanes of a queue."""
    return int((await database.fetch(WAITING, queue, list(lanes)))[0]["waiting"])
