"""A dashboard looks at the queues; nothing moves."""

from collections.abc import Sequence

from service.resources import Resources
from service.storage.operators.operators import Queue, list_queues
from service.storage.queues.queue_events import QueueEvent, list_queue_events
from service.storage.queues.stats import Stats


async def view_queues(resources: Resources) -> Sequence[Queue]:
    """Every queue, by name."""
    async with resources.stores.database.transaction() as connection:
        return await list_queues(connection)


async def view_stats(resources: Resources, name: str) -> tuple[Queue, Stats]:
    """A queue and how it stands; raises QueueNotFound."""
    queue = await resources.stores.directory.queue(name)
    policy = (await resources.stores.bases.of(name)).policy
    return queue, await resources.stores.statistics.of(name, policy, resources.clock.now())


async def view_queue_events(
    resources: Resources, name: str, *, after: int, limit: int
) -> Sequence[QueueEvent]:
    """What happened to a queue as a whole, the oldest first; raises QueueNotFound."""
    await resources.stores.directory.queue(name)
    async with resources.stores.database.transaction() as connection:
        return await list_queue_events(connection, name, after=after, limit=limit)
