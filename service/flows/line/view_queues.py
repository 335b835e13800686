"""A dashboard looks at the queues; nothing moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.flows.line.watch_staff import UNSTAFFED, find_gaps, gap_details
from service.resources import Resources
from service.storage.operators.operators import Queue, list_queues
from service.storage.queues.queue_events import QueueEvent, list_queue_events
from service.storage.queues.stats import Stats


async def view_queues(resources: Resources) -> Sequence[Queue]:
    """Every queue, by name."""
    async with resources.stores.database.transaction() as connection:
        return await list_queues(connection)


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """A queue, how it stands, and which skills are demanded of nobody on shift."""

    queue: Queue
    stats: Stats
    unstaffed: Sequence[Mapping[str, object]]


async def view_stats(resources: Resources, name: str) -> QueueStanding:
    """A queue and how it stands; raises QueueNotFound."""
    queue = await resources.stores.directory.queue(name)
    policy = (await resources.stores.bases.of(name)).policy
    stats = await resources.stores.statistics.of(name, policy, resources.clock.now())
    gaps = [gap for gap in await find_gaps(resources, name) if gap.type == UNSTAFFED]
    return QueueStanding(queue, stats, [await gap_details(resources, name, gap) for gap in gaps])


async def view_queue_events(
    resources: Resources, name: str, *, after: int, limit: int
) -> Sequence[QueueEvent]:
    """What happened to a queue as a whole, the oldest first; raises QueueNotFound."""
    await resources.stores.directory.queue(name)
    async with resources.stores.database.transaction() as connection:
        return await list_queue_events(connection, name, after=after, limit=limit)
