"""The leads that wait in the floor."""

import asyncpg
from redis.asyncio import Redis

from bench.backlog import CLIENTS_AT_MOST, PATTERNS, UNDER_WAY, Moved
from bench.line_copy import LineCopy

BATCH = 5000

DROP_ALL_BUT_PATTERNS = f"""
DELETE FROM floor_leads WHERE external_id LIKE 'waiting-%' OR id NOT IN
    (SELECT id FROM floor_leads WHERE external_id NOT LIKE 'waiting-%' LIMIT {PATTERNS})
"""

ADD_COPIES = f"""
WITH patterns AS (
    SELECT floor_leads AS lead, row_number() OVER (ORDER BY id) AS number FROM floor_leads
)
INSERT INTO floor_leads SELECT one.* FROM generate_series({PATTERNS + 1}, $1::int) AS n
JOIN patterns ON patterns.number = n % (SELECT count(*) FROM patterns) + 1,
LATERAL jsonb_populate_record(patterns.lead, jsonb_build_object(
    'id', gen_random_uuid(), 'external_id', 'waiting-' || n, 'rank', (patterns.lead).rank + n
)) AS one
"""

MOVED = """
SELECT count(*) FILTER (WHERE created_at > $1) AS taken_in,
    count(*) FILTER (WHERE state = 'claimed') AS held,
    count(*) FILTER (WHERE state = 'settled') AS settled
FROM floor_leads
"""

# Numbers as post.lua makes them up.
CLIENTS = f"""
SELECT substr(customer ->> 'external_id', 8) FROM floor_leads
WHERE created_at > $1 AND customer ->> 'external_id' LIKE 'client-%' LIMIT {CLIENTS_AT_MOST}
"""
CLAIMS = "SELECT id || ' ' || token FROM floor_leads WHERE token IS NOT NULL"

DROP_NEW = "DELETE FROM floor_leads WHERE created_at > $1"
RELEASE = """
UPDATE floor_leads SET state = 'waiting', version = 1, claimed_by = NULL, claimed_at = NULL,
    token = NULL, outcome = NULL, amount = NULL, note = NULL, settled_at = NULL
WHERE state <> 'waiting'
"""


class FloorBacklog:
    """The leads of both floors, which share a table and a line."""

    def __init__(self, pool: asyncpg.Pool, redis: Redis, prefix: str) -> None:
        self._pool, self._redis, self._prefix = pool, redis, prefix
        self._line = LineCopy(redis, prefix)
        self.waiting = 0

    async def fill(self, waiting: int) -> None:
        """Let so many leads wait, copies of the first that came in through the API."""
        await self._pool.execute(DROP_ALL_BUT_PATTERNS)
        await self._pool.execute(ADD_COPIES, waiting)
        await self._pool.execute("VACUUM ANALYZE floor_leads")
        await self._build_line()
        await self._line.keep()
        self._since = await self._pool.fetchval("SELECT clock_timestamp()")
        self.waiting = await self._pool.fetchval("SELECT count(*) FROM floor_leads")

    async def moved(self) -> Moved:
        """What has happened since the backlog was filled or restored."""
        row = await self._pool.fetchrow(MOVED, self._since)
        assert row is not None, "an aggregate has a row"  # noqa: S101
        return Moved(taken_in=row["taken_in"], held=row["held"], settled=row["settled"])

    async def clients(self) -> list[str]:
        """Clients, by number, whose lead came in since then."""
        return [row[0] for row in await self._pool.fetch(CLIENTS, self._since)]

    async def claims(self) -> list[str]:
        """The id and the token of every claim that is held."""
        return [row[0] for row in await self._pool.fetch(CLAIMS)]

    async def busy(self) -> bool:
        """Whether something is still under way."""
        found: bool = await self._pool.fetchval(UNDER_WAY)
        return found

    async def restore(self) -> None:
        """Undo all that has happened since the backlog was filled."""
        await self._pool.execute(DROP_NEW, self._since)
        await self._pool.execute(RELEASE)
        await self._pool.execute("TRUNCATE floor_events")
        await self._line.restore()
        await self._pool.execute("VACUUM floor_leads")

    async def _build_line(self) -> None:
        await self._redis.delete(f"{self._prefix}line", f"{self._prefix}held")
        rows = await self._pool.fetch("SELECT id, rank FROM floor_leads")
        for start in range(0, len(rows), BATCH):
            some = {str(row["id"]): row["rank"] for row in rows[start : start + BATCH]}
            await self._redis.zadd(f"{self._prefix}line", some)
