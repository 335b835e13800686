"""A queue as it is written with PostgreSQL alone: SKIP LOCKED, by a priority that never changes."""

import json
import uuid

import asyncpg

from bench.peers.door import ITEM

CONNECTIONS = 8

TABLE = """
CREATE TABLE items (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, priority double precision NOT NULL,
    state text NOT NULL DEFAULT 'waiting', token uuid, claimed_at timestamptz,
    finished_at timestamptz, item jsonb NOT NULL
);
CREATE INDEX ON items (priority DESC, id) WHERE state = 'waiting'
"""
FILL = """
INSERT INTO items (priority, item) SELECT random(), $2::jsonb FROM generate_series(1, $1::int)
"""
TAKE = """
UPDATE items SET state = 'claimed', token = $1, claimed_at = now()
WHERE id = (
    SELECT id FROM items WHERE state = 'waiting'
    ORDER BY priority DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, item
"""
FINISH = """
UPDATE items SET state = 'finished', finished_at = now(), token = NULL
WHERE id = $1 AND token = $2
RETURNING id
"""
FINISHED = "SELECT count(*) FROM items WHERE state = 'finished'"


class Peer:
    """The queue."""

    async def open(self, url: str) -> None:
        """Connect, and make its table."""
        self._pool = await asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS)
        await self._pool.execute(TABLE)

    async def fill(self, count: int) -> None:
        """Let so many more items wait."""
        await self._pool.execute(FILL, count, json.dumps(ITEM), timeout=600)
        await self._pool.execute("VACUUM ANALYZE items", timeout=600)

    async def take(self) -> tuple[str, str, object] | None:
        """The first item, with its token."""
        token = uuid.uuid4()
        row = await self._pool.fetchrow(TAKE, token)
        return None if row is None else (str(row["id"]), str(token), json.loads(row["item"]))

    async def finish(self, item: str, token: str) -> bool:
        """End an item by its token."""
        return await self._pool.fetchval(FINISH, int(item), token) is not None

    async def finished(self) -> int:
        """How many are finished."""
        count: int = await self._pool.fetchval(FINISHED)
        return count
