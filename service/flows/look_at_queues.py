"""A dashboard looks at the queues; nothing moves."""

from collections.abc import Sequence

from service.resources import Resources
from service.storage.operators import Queue, list_queues
from service.storage.stats import Stats


async def look_at_queues(resources: Resources) -> Sequence[Queue]:
    """Every queue, by name."""
    async with resources.stores.database.transaction() as connection:
        return await list_queues(connection)


async def look_at_stats(resources: Resources, name: str) -> tuple[Queue, Stats]:
    """A queue and how it stands; raises QueueNotFound."""
    queue = await resources.stores.directory.queue(name)
    return queue, await resources.stores.statistics.of(name, resources.clock.now())
