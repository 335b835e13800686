"""The worth of a queue's first leads, read at most once in ten seconds for all boards."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.cached import SharedReadings
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


class WaitingProspects:
    """The first 2 000 leads of each queue, to compute their likely loss."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._readings: SharedReadings[str, Sequence[LeadWorth]] = SharedReadings(FRESH)

    async def of(self, queue: str, now: datetime) -> Sequence[LeadWorth]:
        """The first leads of a queue, at most ten seconds old."""
        return await self._readings.of(queue, now, lambda: self._read(queue))

    async def _read(self, queue: str) -> Sequence[LeadWorth]:
        rows = await self._database.fetch(PROSPECTS, queue, MOST)
        return [
            LeadWorth(row["cost"] * row["patience"], row["patience"], row["work"])
            for row in rows
            if row["patience"]
        ]
