"""What is to be done about deliveries now and then: refusals are written down, old ones go."""

from datetime import timedelta

from service.resources import Resources
from service.storage.deliveries import DeliveryState, drop_old

BATCH = 1000
MOST_BATCHES = 20
# In quarantine longer: nobody has read them yet. What is not read yet is never let go of.
TIMES_AS_LONG = {
    DeliveryState.READ: 1,
    DeliveryState.IGNORED: 1,
    DeliveryState.QUARANTINED: 3,
}


async def look_after_deliveries(resources: Resources) -> None:
    """Write down who was refused here, and let go of what was read long ago."""
    await resources.stores.refusals.write()
    kept = timedelta(days=resources.keep_deliveries_days)
    for state, times in TIMES_AS_LONG.items():
        await _drop_old(resources, state, times * kept)


async def _drop_old(resources: Resources, state: DeliveryState, kept: timedelta) -> None:
    before = resources.clock.now() - kept
    for _ in range(MOST_BATCHES):
        if await drop_old(resources.stores.database, state, before, BATCH) < BATCH:
            return
