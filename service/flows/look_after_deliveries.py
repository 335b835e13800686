"""What is to be done about deliveries now and then: refusals are written down, old ones go."""

from datetime import timedelta

from service.resources import Resources
from service.storage.deliveries import drop_old
from service.storage.departures import forget_departures
from service.storage.telephony import forget_calls

BATCH = 1000
MOST_BATCHES = 20
QUARANTINED_LONGER = 3  # times as long: nobody has read them yet


async def look_after_deliveries(resources: Resources) -> None:
    """Write down who was refused here, and let go of what was read long ago.

    What is yet to be read is never let go of, however old it is.
    """
    await resources.stores.refusals.write()
    now, kept = resources.clock.now(), timedelta(days=resources.keep_deliveries_days)
    for _ in range(MOST_BATCHES):
        gone = await drop_old(
            resources.stores.database, now - kept, now - QUARANTINED_LONGER * kept, BATCH
        )
        if gone < BATCH:
            break
    async with resources.stores.database.transaction() as connection:
        await forget_calls(connection, now - kept, BATCH)
        await forget_departures(connection, now - kept, BATCH)
