"""PgQueuer, asked for one item at a time: its own statements for taking and for finishing."""

import json
import uuid
from datetime import timedelta
from typing import Any

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver  # type: ignore[import-not-found]
from pgqueuer.adapters.persistence.queries import Queries  # type: ignore[import-not-found]
from pgqueuer.ports.repository import EntrypointExecutionParameter  # type: ignore[import-not-found]

from bench.peers.door import ITEM

CONNECTIONS = 8
AT_ONCE = 10_000
NEVER = timedelta(days=1)
FINISHED = "SELECT count(*) FROM pgqueuer_log WHERE status = 'successful'"


class Peer:
    """The queue."""

    def __init__(self) -> None:
        self._held: dict[str, Any] = {}
        self._manager: Any = uuid.uuid4()
        self._entrypoints: Any = {"lead": EntrypointExecutionParameter(concurrency_limit=0)}

    async def open(self, url: str) -> None:
        """Connect, and make its tables."""
        self._pool = await asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS)
        self._queries = Queries(AsyncpgPoolDriver(self._pool))
        await self._queries.install()

    async def fill(self, count: int) -> None:
        """Let so many more items wait."""
        item = json.dumps(ITEM).encode()
        for first in range(0, count, AT_ONCE):
            some = min(AT_ONCE, count - first)
            priorities = [number % 1000 for number in range(some)]
            await self._queries.enqueue(["lead"] * some, [item] * some, priorities)
        await self._pool.execute("VACUUM ANALYZE", timeout=600)

    async def take(self) -> tuple[str, str, object] | None:
        """The first item, with its token."""
        found = await self._queries.dequeue(1, self._entrypoints, self._manager, None, NEVER)
        if not found:
            return None
        (job,) = found
        self._held[str(job.id)] = job
        return str(job.id), uuid.uuid4().hex, json.loads(job.payload or b"{}")

    async def finish(self, item: str, token: str) -> bool:
        """End an item."""
        job = self._held.pop(item, None)
        if job is None:
            return False
        await self._queries.log_jobs([(job, "successful", None)])
        return True

    async def finished(self) -> int:
        """How many are finished."""
        count: int = await self._pool.fetchval(FINISHED)
        return count
