"""A supervisor sees whether a rush is on, and what the waiting work will likely cost."""

from dataclasses import dataclass
from datetime import datetime

from service.flows.line.watch_rush import BEGAN, WaitingWork
from service.ranking.likely_loss import likely_loss
from service.resources import Resources
from service.rules.policy import Mode
from service.storage.queues.queue_events import last_queue_event
from service.storage.queues.rush import operators_on_shift, waiting_work


@dataclass(frozen=True, slots=True)
class Workload:
    """The numbers in force and since when, the work that waits, and what it likely loses.

    `likely_lost`, in the queue's currency, is what leaves while the first 2 000 leads are worked
    off in their order by who is on shift; by one person while nobody is. `guaranteed_every`: of so
    many claims one takes the longest-late lead; None without a guarantee.
    """

    mode: Mode
    rush_since: datetime | None
    work: WaitingWork
    likely_lost: float
    guaranteed_every: int | None


async def view_workload(resources: Resources, queue: str) -> Workload:
    """How much work waits in a queue at this moment; raises QueueNotFound."""
    policy, now = (await resources.stores.bases.of(queue)).policy, resources.clock.now()
    mode = Mode.RUSH if policy.rush_number % 2 else Mode.CALM
    async with resources.stores.database.transaction() as connection:
        there = (await operators_on_shift(connection, now)).get(queue, 0.0)
        work = WaitingWork(await waiting_work(connection, queue), there)
        began = await last_queue_event(connection, queue, BEGAN) if mode is Mode.RUSH else None
    prospects = await resources.stores.prospects.of(queue, now)
    since = None if began is None else began.at
    lost = likely_loss(prospects, max(1.0, there))
    return Workload(mode, since, work, lost, policy.guarantee_every)
