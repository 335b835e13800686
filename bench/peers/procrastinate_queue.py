"""procrastinate, asked for one item at a time: its own statements for taking and for finishing."""

import json
import uuid
from typing import Any

from procrastinate import App, PsycopgConnector  # type: ignore[import-not-found]
from procrastinate.jobs import Status  # type: ignore[import-not-found]

from bench.peers.door import ITEM

CONNECTIONS = 8
FILL = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args)
SELECT 'leads', 'lead', (random() * 1000)::int, %(item)s::jsonb
FROM generate_series(1, %(count)s)
"""
FINISHED = "SELECT count(*) AS count FROM procrastinate_jobs WHERE status = 'succeeded'"


class Peer:
    """The queue."""

    def __init__(self) -> None:
        self._held: dict[str, Any] = {}

    async def open(self, url: str) -> None:
        """Connect, and make its tables."""
        self._connector = PsycopgConnector(conninfo=url, min_size=CONNECTIONS, max_size=CONNECTIONS)
        app = App(connector=self._connector)
        await app.open_async()
        await app.schema_manager.apply_schema_async()
        self._manager = app.job_manager
        self._worker = await self._manager.register_worker()

    async def fill(self, count: int) -> None:
        """Let so many more items wait."""
        await self._connector.execute_query_async(FILL, item=json.dumps(ITEM), count=count)
        await self._connector.execute_query_async("ANALYZE procrastinate_jobs")

    async def take(self) -> tuple[str, str, object] | None:
        """The first item, with its token."""
        job = await self._manager.fetch_job(["leads"], self._worker)
        if job is None:
            return None
        self._held[str(job.id)] = job
        return str(job.id), uuid.uuid4().hex, job.task_kwargs

    async def finish(self, item: str, token: str) -> bool:
        """End an item."""
        job = self._held.pop(item, None)
        if job is None:
            return False
        await self._manager.finish_job(job, Status.SUCCEEDED, delete_job=False)
        return True

    async def finished(self) -> int:
        """How many are finished."""
        found = await self._connector.execute_query_one_async(FINISHED)
        return int(found["count"])
