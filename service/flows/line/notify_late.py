"""Report leads that nobody took in time, or that an operator holds for too long (B11).

A late lead is reported once, and repeatedly while it still waits if the policy says so. It writes
Postgres only: lateness moves nothing in the line.
"""

from datetime import timedelta

import structlog

from service.resources import Resources
from service.storage.leads import lateness

log = structlog.get_logger()

BATCH = 500
MAX_BATCHES = 40


async def notify_late(resources: Resources) -> None:
    """Write an event for every lead that has become late."""
    for queue, basis in (await resources.stores.bases.all()).items():
        count = await _show(resources, queue, basis.policy.held_late)
        count += await _show_again(resources, queue, basis.policy.late_again)
        if count:
            log.info("queue.late", queue=queue, leads=count)


async def _show(resources: Resources, queue: str, held: timedelta | None) -> int:
    count = 0
    for _ in range(MAX_BATCHES):
        now = resources.clock.now()
        reported = await lateness.notify_late(resources.stores.database, queue, now, held, BATCH)
        count += len(reported)
        if len(reported) < BATCH:
            break
    return count


async def _show_again(resources: Resources, queue: str, every: timedelta | None) -> int:
    if every is None:
        return 0
    now, database = resources.clock.now(), resources.stores.database
    return len(await lateness.notify_late_again(database, queue, now, every, BATCH))
