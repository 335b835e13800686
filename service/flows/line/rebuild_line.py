"""Rebuild the line from Postgres, after Redis lost it or on request.

Until the last lead is in it, the line has no epoch, and claims are served from Postgres. Changes
that come meanwhile reach the line as usual: they are newer and win.
"""

import asyncio
from datetime import datetime
from uuid import UUID

import structlog

from service.leads.errors import Overloaded
from service.metrics.families import LINE_REBUILDS
from service.queue.in_step import InStep, begin_in_step, clear
from service.resources import Resources
from service.storage.database import exclusively
from service.storage.leads.line_changes import COMMITS_WITHIN, in_line
from service.storage.operators.operators import list_queues

log = structlog.get_logger()

FIRST_ID = UUID(int=0)
LOCK = "nextlead keep in step"
BATCH = 1000


async def rebuild_lines(resources: Resources) -> dict[str, int]:
    """Rebuild every queue's line on request; return how many leads are in each.

    Waits until the process that keeps the line in step has finished its round. Raises Overloaded
    when that takes too long.
    """
    async with exclusively(resources.stores.database, LOCK, wait=True) as ours:
        if not ours:
            raise Overloaded("Another process keeps the line in step; ask again in a moment.")
        async with resources.stores.database.transaction() as connection:
            queues = await list_queues(connection)
        return {queue.name: await rebuild_line(resources, queue.name) for queue in queues}


async def rebuild_line(resources: Resources, queue: str) -> int:
    """Rebuild one queue's line; return how many leads are in it. Raises LineUnavailable."""
    started = resources.clock.now()
    await clear(resources.line, queue)
    count = await _fill(resources, queue, started)
    now_in_step = InStep(started - COMMITS_WITHIN, started)
    await begin_in_step(resources.line, queue, now_in_step)
    resources.lane_names.forget(queue)
    LINE_REBUILDS.add(queue)
    # an empty line was not lost: it begins, as on a first start
    log.info("line.rebuilt" if count else "line.begun", queue=queue, leads=count)
    return count


async def _fill(resources: Resources, queue: str, started: datetime) -> int:
    """Write all open leads into the line; a page is read while the line takes the one before."""
    count, filling = 0, None
    page = await in_line(resources.stores.database, queue, FIRST_ID, BATCH)
    try:
        while page:
            filling = asyncio.create_task(resources.line.fill(queue, page, started))
            count, last = count + len(page), UUID(page[-1].lead_id)
            page = await in_line(resources.stores.database, queue, last, BATCH)
            await filling
        return count
    finally:
        if filling is not None:
            filling.cancel()
