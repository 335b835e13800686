"""Show the queues on a dashboard; nothing changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.flows.line.view_targets import Attendance, view_attendance, view_targets
from service.flows.line.watch_staff import UNSTAFFED, find_gaps, gap_details
from service.resources import Resources
from service.rules.retention import Retention
from service.rules.targets import Judged
from service.storage.operators.operators import Queue, list_queues
from service.storage.queues.queue_events import QueueEvent, list_queue_events
from service.storage.queues.retained import oldest_kept
from service.storage.queues.stats import Stats


async def view_queues(resources: Resources) -> Sequence[Queue]:
    """Every queue, by name."""
    async with resources.stores.database.transaction() as connection:
        return await list_queues(connection)


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """A queue with its statistics, who is at work, the targets, and the skills that nobody has."""

    queue: Queue
    stats: Stats
    unstaffed: Sequence[Mapping[str, object]]
    attendance: Attendance
    targets: Sequence[Judged]
    kept: Sequence["Kept"] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """How many days something is kept, and when the oldest of it goes; None: nothing exists."""

    what: str
    days: int
    next_at: datetime | None


async def view_stats(resources: Resources, name: str) -> QueueStanding:
    """A queue with its statistics; raises QueueNotFound."""
    queue = await resources.stores.directory.queue(name)
    policy = (await resources.stores.bases.of(name)).policy
    stats = await resources.stores.statistics.of(name, policy, resources.clock.now())
    gaps = [gap for gap in await find_gaps(resources, name) if gap.type == UNSTAFFED]
    unstaffed = [await gap_details(resources, name, gap) for gap in gaps]
    attendance = await view_attendance(resources, name)
    return QueueStanding(
        queue,
        stats,
        unstaffed,
        attendance,
        await view_targets(resources, name, stats, attendance),
        await _kept(resources, name, policy.retention),
    )


async def _kept(resources: Resources, queue: str, retention: Retention) -> list[Kept]:
    oldest = await oldest_kept(resources.stores.database, queue)
    days = {
        "leads": retention.settled_days,
        "events": retention.events_days,
        "texts": retention.texts_days,
        "deliveries": retention.deliveries_days or resources.keep_deliveries_days,
    }
    return [
        Kept(what, of, None if (since := getattr(oldest, what)) is None else since + timedelta(of))
        for what, of in days.items()
    ]


async def view_queue_events(
    resources: Resources, name: str, *, after: int, limit: int
) -> Sequence[QueueEvent]:
    """What happened to a queue as a whole, oldest first; raises QueueNotFound."""
    await resources.stores.directory.queue(name)
    async with resources.stores.database.transaction() as connection:
        return await list_queue_events(connection, name, after=after, limit=limit)
