"""What of a queue is the oldest that is kept: it goes next."""

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
    """When the oldest was settled, or received, whose data are kept; None: there is none."""

    leads: datetime | None
    texts: datetime | None
    events: datetime | None
    deliveries: datetime | None


async def oldest_kept(database: Database, queue: str) -> Oldest:
    """The oldest of each sort in a queue."""
    (row,) = await database.fetch(OLDEST, queue)
    return Oldest(**row)
