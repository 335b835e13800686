"""Requests that proved nothing, counted here and written down now and then."""

from datetime import datetime

from service.storage.database import Database

# In the order of their names, so that replicas that refused the same sources do not deadlock.
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
    """How many requests for each source this process refused since they were last written down.

    A flood of them costs no writing: that is what the counting here is for.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counted: dict[str, tuple[int, datetime]] = {}

    def refused(self, source: str, now: datetime) -> None:
        """Count one of a source that exists."""
        count, _ = self._counted.get(source, (0, now))
        self._counted[source] = (count + 1, now)

    async def write(self) -> None:
        """Write down what was counted; what fails is kept for the next time."""
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
