"""The oldest data of a queue that are kept; they are deleted next."""

from dataclasses import dataclass
from datetime import datetime

from service.storage.database import Database

OLDEST = """
SELECT
    (SELECT min(settled_at) FROM leads WHERE queue = $1 AND state = 'settled') AS leads,
    (SELECT min(settled_at) FROM leads WHERE queue = $1 AND state = 'settled' AND settled_at > (
        SELECT coalesce(max(settled_at), 'epoch') FROM retention_horizons
        WHERE queue = $1 AND what = 'texts')) AS texts,
    (SELECT min(settled_at) FROM leads WHERE queue = $1 AND state = 'settled' AND settled_at > (
        SELECT coalesce(max(settled_at), 'epoch') FROM retention_horizons
        WHERE queue = $1 AND what = 'events')) AS events,
    (SELECT min(oldest.received_at) FROM sources, LATERAL (
        SELECT received_at FROM deliveries WHERE source = sources.name
        ORDER BY received_at LIMIT 1
    ) AS oldest WHERE sources.queue = $1) AS deliveries
"""


@dataclass(frozen=True, slots=True)
class Oldest:
    """When the oldest kept data were settled, or received; None without any."""

    leads: datetime | None
    texts: datetime | None
    events: datetime | None
    deliveries: datetime | None


async def oldest_kept(database: Database, queue: str) -> Oldest:
    """The oldest kept data of each sort in a queue."""
    (row,) = await database.fetch(OLDEST, queue)
    return Oldest(**row)
