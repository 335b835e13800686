"""Chores of deliveries: store counts of refused requests, delete old deliveries.

Old records of calls, departures and deletions are deleted too: senders no longer report on them.
"""

from datetime import timedelta

from service.resources import Resources
from service.storage.senders.deleted_messages import forget_deletions
from service.storage.senders.deliveries import DeliveryState, drop_old, queues_of_sources
from service.storage.senders.ended_conversations import forget_departures
from service.storage.senders.telephony import forget_calls

BATCH = 1000
MAX_BATCHES = 20
# Quarantined ones stay longer: nobody has read them yet. Unread ones are never deleted.
TIMES_AS_LONG = {
    DeliveryState.READ: 1,
    DeliveryState.IGNORED: 1,
    DeliveryState.QUARANTINED: 3,
}


async def prune_deliveries(resources: Resources) -> None:
    """Store the refusals of this process, and delete what was read long ago."""
    await resources.stores.refusals.write()
    await _drop_old(resources)
    now = resources.clock.now()
    stored = timedelta(days=resources.keep_deliveries_days)
    async with resources.stores.database.transaction() as connection:
        await forget_calls(connection, now - stored, BATCH)
        await forget_departures(connection, now - stored, BATCH)
        await forget_deletions(connection, now - stored, BATCH)


async def _drop_old(resources: Resources) -> None:
    database, now = resources.stores.database, resources.clock.now()
    bases, kept = await resources.stores.bases.all(), []
    for source, queue in (await queues_of_sources(database)).items():
        days = bases[queue].policy.retention.deliveries_days or resources.keep_deliveries_days
        for state, times in TIMES_AS_LONG.items():
            kept.append((source, state, now - times * timedelta(days=days)))
    for _ in range(MAX_BATCHES):
        if await drop_old(database, kept, BATCH) < BATCH:
            return
