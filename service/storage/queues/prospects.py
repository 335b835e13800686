"""The worth of a queue's first leads, read at most once in ten seconds for all boards."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cachetools import LRUCache

from service.ranking.likely_loss import LeadWorth
from service.storage.database import Database

FRESH = timedelta(seconds=10)
MOST = 2000
# The short explanations of leads that were only moved have no patience.
PROSPECTS = """
SELECT cost_per_minute AS cost, work_minutes AS work,
    (explanation->>'patience_minutes')::float8 AS patience
FROM leads WHERE queue = $1 AND state = 'waiting' ORDER BY rank DESC, id LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class SeenProspects:
    """The first leads of a queue in their order at a moment."""

    at: datetime
    line: Sequence[LeadWorth]


class WaitingProspects:
    """The first 2 000 leads of each queue, to compute their likely loss."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._existing: LRUCache[str, SeenProspects] = LRUCache(maxsize=1000)
        self._reading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, queue: str, now: datetime) -> Sequence[LeadWorth]:
        """The first leads of a queue, at most ten seconds old."""
        async with self._reading[queue]:
            existing = self._existing.get(queue)
            if existing is None or not now - FRESH < existing.at <= now:
                rows = await self._database.fetch(PROSPECTS, queue, MOST)
                line = [
                    LeadWorth(row["cost"] * row["patience"], row["patience"], row["work"])
                    for row in rows
                    if row["patience"]
                ]
                existing = self._existing[queue] = SeenProspects(now, line)
            return existing.line
