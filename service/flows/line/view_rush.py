"""Show a supervisor whether a rush is on, and what the waiting work will likely lose."""

from dataclasses import dataclass
from datetime import datetime

from service.flows.line.watch_rush import BEGAN, WaitingWork
from service.ranking.likely_loss import likely_loss
from service.resources import Resources
from service.rules.policy import Mode
from service.storage.queues.queue_events import last_queue_event
from service.storage.queues.rush import operators_on_shift


@dataclass(frozen=True, slots=True)
class Workload:
    """The mode in force and since when, the waiting work, and its likely loss.

    `likely_lost`, in the queue's currency, is the loss while the operators on shift, at least one,
    work off the first 2 000 leads in order. `guaranteed_every`: one of so many claims takes the
    longest-late lead; None without a guarantee.
    """

    mode: Mode
    rush_since: datetime | None
    work: WaitingWork
    likely_lost: float
    guaranteed_every: int | None


async def view_workload(resources: Resources, queue: str) -> Workload:
    """How much work waits in a queue, at most a second ago; raises QueueNotFound."""
    policy, now = (await resources.stores.bases.of(queue)).policy, resources.clock.now()
    mode = Mode.RUSH if policy.rush_number % 2 else Mode.CALM
    stats = await resources.stores.statistics.of(queue, policy, now)
    async with resources.stores.database.transaction() as connection:
        there = (await operators_on_shift(connection, now)).get(queue, 0.0)
        work = WaitingWork(stats.work_minutes, there)
        began = await last_queue_event(connection, queue, BEGAN) if mode is Mode.RUSH else None
    prospects = await resources.stores.prospects.of(queue, now)
    since = None if began is None else began.at
    lost = likely_loss(prospects, max(1.0, there))
    return Workload(mode, since, work, lost, policy.guarantee_every)
