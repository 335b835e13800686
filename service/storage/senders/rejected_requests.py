"""Counts requests without proof, and stores the counts from time to time."""

from datetime import datetime

from service.storage.database import Database

# In the order of names, so that replicas that refused the same sources do not deadlock.
REFUSED = """
WITH known AS MATERIALIZED (
    SELECT name FROM sources WHERE name = ANY($1::text[]) ORDER BY name FOR NO KEY UPDATE
)
UPDATE sources SET
    refused = sources.refused + told.count,
    last_refused_at = greatest(sources.last_refused_at, told.at)
FROM known JOIN unnest($1::text[], $2::bigint[], $3::timestamptz[]) AS told (name, count, at)
    USING (name)
WHERE sources.name = known.name
"""


class RejectedRequests:
    """How many requests of each source this process has refused since the last writing.

    Counting here means that a flood of such requests causes no writes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counted: dict[str, tuple[int, datetime]] = {}

    def refused(self, source: str, now: datetime) -> None:
        """Count a refused request for an existing source."""
        count, _ = self._counted.get(source, (0, now))
        self._counted[source] = (count + 1, now)

    async def write(self) -> None:
        """Store the counts; after a failure they are kept for the next call."""
        counted, self._counted = self._counted, {}
        if not counted:
            return
        counts, moments = zip(*counted.values(), strict=True)
        try:
            await self._database.fetch(REFUSED, list(counted), list(counts), list(moments))
        except BaseException:
            for source, (count, at) in counted.items():
                since, later = self._counted.get(source, (0, at))
                self._counted[source] = (since + count, max(at, later))
            raise
