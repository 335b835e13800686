"""Orders must be begun before the supplier's cut-off: start earlier when too many wait.

The queue's row says how much earlier, once for a cut-off. New leads take it from there. Waiting
leads are ranked again, also those that a crash or a race left behind. Leads that cannot be done in
time are reported once, and again when their number grows (A15).
"""

from datetime import datetime

import structlog

from service.flows.line.rerank_line import rerank_line
from service.leads.lead import EarlyStart
from service.ranking.cutoff import Load, cutoff_kinds, is_at_risk, rush_minutes
from service.resources import Resources
from service.storage.leads.cutoffs import read_load, set_early_start, without_early_start
from service.storage.policies.queue_context import QueueContext
from service.storage.queues.queue_events import (
    QueueEvent,
    append_queue_event,
    last_queue_event,
    lock_queue,
)

log = structlog.get_logger()

AT_RISK = "cutoff.at_risk"
BATCH = 500
MAX_BATCHES = 40


async def watch_cutoffs(resources: Resources) -> None:
    """Check for every queue whether the waiting leads can be done in time."""
    for queue, basis in (await resources.stores.bases.all()).items():
        now = resources.clock.now()
        load = await read_load(resources.stores.database, queue, basis.policy, now)
        if load is not None and load.waiting:
            await _early_start(resources, queue, basis, load)
            if is_at_risk(basis.policy, load, now):
                await _show(resources, queue, load)


async def _early_start(resources: Resources, queue: str, basis: QueueContext, load: Load) -> None:
    """Set an early start if one is needed; it is never taken back for this cut-off."""
    rush = basis.rush
    if rush is None or rush.cutoff_at != load.cutoff_at:
        minutes = rush_minutes(basis.policy, load, resources.clock.now())
        if not minutes:
            return
        log.info("queue.hurries", queue=queue, minutes=minutes, waiting=load.waiting)
        await set_early_start(resources.stores.database, queue, EarlyStart(load.cutoff_at, minutes))
        resources.stores.bases.forget()
    await _lift(resources, queue)


async def _lift(resources: Resources, queue: str) -> None:
    """Rank leads again that lack the early start; leads that change meanwhile follow next round."""
    basis = await resources.stores.bases.of(queue)
    kinds, database = cutoff_kinds(basis.policy), resources.stores.database
    for _ in range(MAX_BATCHES):
        assert basis.rush is not None, "a rush is never taken back"
        leads = await without_early_start(database, queue, kinds, basis.rush, BATCH)
        if not leads or not await rerank_line(resources, leads, basis):
            return


async def _show(resources: Resources, queue: str, load: Load) -> None:
    """Report how many leads will miss the cut-off, unless as many were reported before."""
    details = {
        "cutoff_at": load.cutoff_at,
        "will_miss": load.will_miss,
        "waiting": load.waiting,
        "operators": load.operators,
        "left_minutes": round(load.left_minutes),
    }
    async with resources.stores.database.transaction() as connection:
        await lock_queue(connection, queue)
        last = await last_queue_event(connection, queue, AT_RISK)
        if last is not None and load.will_miss <= _reported_missed(last, load.cutoff_at):
            return
        event = QueueEvent(queue, AT_RISK, resources.clock.now(), "nextlead", details)
        await append_queue_event(connection, event)
    log.info("queue.cutoff_at_risk", queue=queue, will_miss=load.will_miss)


def _reported_missed(last: QueueEvent, cutoff_at: datetime) -> int:
    reported = last.details
    assert reported is not None, "a risk is told with its numbers"
    same = datetime.fromisoformat(reported["cutoff_at"]) == cutoff_at
    return int(reported["will_miss"]) if same else 0
