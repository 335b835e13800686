"""When operators were last seen; stored from time to time, not at each request."""

from datetime import datetime, timedelta

from service.storage.database import Database

EVERY = timedelta(seconds=10)

# Locked in the order of names, so that replicas that saw the same operators do not deadlock.
SEEN = """
WITH known AS MATERIALIZED (
    SELECT name FROM operators WHERE name = ANY($1::text[]) ORDER BY name FOR NO KEY UPDATE
)
UPDATE operators SET seen_at = greatest(operators.seen_at, seen.at)
FROM known JOIN unnest($1::text[], $2::timestamptz[]) AS seen (name, at) USING (name)
WHERE operators.name = known.name
"""


class LastSeen:
    """The operators that this process has seen."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shown: dict[str, datetime] = {}
        self._seen: dict[str, datetime] = {}

    def seen(self, operator: str, now: datetime) -> None:
        """Record a request of an operator."""
        reported = self._shown.get(operator)
        if reported is None or not reported <= now < reported + EVERY:
            self._seen[operator] = now

    def forget(self, operator: str) -> None:
        """Store the operator's next sign of life, however soon it comes."""
        self._shown.pop(operator, None)

    async def write(self) -> None:
        """Store who was seen since the last call; after a failure the next call tries again."""
        seen = dict(self._seen)
        if seen:
            await self._database.fetch(SEEN, list(seen), list(seen.values()))
            self._shown.update(seen)
        self._seen = {name: at for name, at in self._seen.items() if seen.get(name) != at}
