"""Show a supervisor a queue and the leads behind each figure; nothing changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.leads.lead import Lead
from service.resources import Resources
from service.storage.queues.waiting_leads import (
    Hour,
    TakenMeanwhile,
    WaitingFilter,
    hours_of,
    list_waiting,
    taken_meanwhile,
)

DAY = timedelta(hours=24)
MAX_TAKEN = 100


async def view_waiting(resources: Resources, wanted: WaitingFilter, limit: int) -> Sequence[Lead]:
    """The waiting leads behind a figure; raises QueueNotFound."""
    await resources.stores.directory.queue(wanted.queue)
    return await list_waiting(resources.stores.database, wanted, limit)


async def view_hours(resources: Resources, queue: str) -> Sequence[Hour]:
    """What ended in each of the last 24 hours."""
    since = resources.clock.now() - DAY
    return await hours_of(resources.stores.database, queue, since)


async def view_taken_meanwhile(
    resources: Resources, lead: Lead, until: datetime
) -> Sequence[TakenMeanwhile]:
    """The other leads of the queue that were taken while a lead waited, newest first."""
    between = (lead.signal.received_at, until)
    queue = lead.signal.queue
    database = resources.stores.database
    return await taken_meanwhile(database, queue, lead.id, between, MAX_TAKEN)
