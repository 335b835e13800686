"""Count what each queue did, by the hour of its own zone, and keep it for a year.

It reads and writes Postgres only. The first replica that claims an hour of a queue counts it. An
hour is counted when it is over, and again a day later with corrections. If the first count stops
half-way, the second one repairs it. The present hour is counted on request.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.resources import Resources
from service.storage.queues.history import (
    claim_hour,
    count_hour,
    counted_since,
    forget_hours,
    put_hour,
)

HOUR = timedelta(hours=1)
CORRECTED_WITHIN = timedelta(hours=24)
LOOKED_BACK = timedelta(hours=48)
MAX_AT_ONCE = 500


async def count_hours(resources: Resources) -> int:
    """Count the due hours of each queue; return how many were counted."""
    database, counted = resources.stores.database, 0
    for queue in await resources.stores.directory.queue_names():
        now = resources.clock.now()
        zone = (await resources.stores.directory.queue(queue)).time_zone
        hours = list(_hours(now, ZoneInfo(zone)))
        before = await counted_since(database, queue, hours[-1])
        for begins in hours:
            at = before.get(begins)
            if counted < MAX_AT_ONCE and _is_due(begins, at, now):
                counted += await _count(resources, queue, begins, at)
    await forget_hours(database, resources.clock.now())
    return counted


def _hours(now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The beginnings of the last hours in a zone, the present one first."""
    here = now.astimezone(zone)
    since_full = timedelta(minutes=here.minute, seconds=here.second, microseconds=here.microsecond)
    begins = now - since_full
    while begins > now - LOOKED_BACK:
        yield begins
        begins -= HOUR


def _is_due(begins: datetime, at: datetime | None, now: datetime) -> bool:
    ends = begins + HOUR
    if at is None:
        return ends <= now
    return at < ends + CORRECTED_WITHIN <= now


async def _count(
    resources: Resources, queue: str, begins: datetime, before: datetime | None
) -> bool:
    database, now = resources.stores.database, resources.clock.now()
    if not await claim_hour(database, queue, begins, now, before):
        return False
    figures = await count_hour(database, queue, begins, begins + HOUR)
    async with database.transaction() as connection:
        await put_hour(connection, queue, begins, figures)
    return True
