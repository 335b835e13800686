"""Which operators gave a sign of life, written down now and then and not at every request."""

from datetime import datetime, timedelta

from service.storage.database import Database

EVERY = timedelta(seconds=10)

SEEN = """
UPDATE operators SET seen_at = greatest(operators.seen_at, seen.at)
FROM unnest($1::text[], $2::timestamptz[]) AS seen (name, at)
WHERE operators.name = seen.name
"""


class Attendance:
    """The operators who were seen by this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: dict[str, datetime] = {}
        self._seen: dict[str, datetime] = {}

    def seen(self, operator: str, now: datetime) -> None:
        """Note that an operator asked for something."""
        told = self._told.get(operator)
        if told is None or not told <= now < told + EVERY:
            self._seen[operator] = now

    async def write(self) -> None:
        """Write down who was seen since the last time; what fails is kept for the next."""
        seen = dict(sorted(self._seen.items()))  # in one order, so that replicas do not deadlock
        if seen:
            await self._database.fetch(SEEN, list(seen), list(seen.values()))
            self._told.update(seen)
        self._seen = {name: at for name, at in self._seen.items() if seen.get(name) != at}
