"""Self orders must be begun before the supplier's cut-off: enough of them lift themselves earlier.

The queue's row says how much earlier; leads that come take it from there, those that wait are
ranked anew. What cannot be done in time any more is told once, and again when it grows (A15).
"""

from datetime import timedelta

import structlog

from service.flows.rank_anew import rank_kinds_anew
from service.leads.lead import Rush
from service.ranking.cutoff import Load, cutoff_kinds, find_load, rush_minutes
from service.resources import Resources
from service.storage.bases import Basis
from service.storage.cutoffs import count_waiting, on_shift, set_rush
from service.storage.queue_events import QueueEvent, append_queue_event, last_queue_event

log = structlog.get_logger()

AT_RISK = "cutoff.at_risk"
ON_SHIFT_WITHIN = timedelta(minutes=15)


async def watch_cutoffs(resources: Resources) -> None:
    """See for every queue whether what waits can be begun in time."""
    for queue, basis in (await resources.stores.bases.all()).items():
        load = await look_at_load(resources, queue, basis)
        if load is not None and load.waiting:
            await _hurry(resources, queue, basis, load)
            await _tell(resources, queue, load)


async def look_at_load(resources: Resources, queue: str, basis: Basis) -> Load | None:
    """The work before a queue's next cut-off; None when it has none."""
    policy, now = basis.policy, resources.clock.now()
    if policy.cutoff is None:
        return None
    kinds = [kind.value for kind in cutoff_kinds(policy)]
    waiting = await count_waiting(resources.stores.database, queue, kinds)
    operators = await on_shift(resources.stores.database, queue, now - ON_SHIFT_WITHIN)
    return find_load(policy, now, waiting, operators)


async def _hurry(resources: Resources, queue: str, basis: Basis, load: Load) -> None:
    """Begin earlier; for the same cut-off never later again, so that nothing goes to and fro."""
    minutes, known = rush_minutes(basis.policy, load), basis.rush
    if known is not None and known.cutoff_at == load.cutoff_at:
        minutes = max(minutes, known.minutes)
    rush = Rush(load.cutoff_at, minutes)
    if minutes and rush != known:
        log.info("queue.hurries", queue=queue, minutes=minutes, waiting=load.waiting)
        await set_rush(resources.stores.database, queue, rush)
        resources.stores.bases.forget()
        await rank_kinds_anew(resources, queue, [kind.value for kind in cutoff_kinds(basis.policy)])


async def _tell(resources: Resources, queue: str, load: Load) -> None:
    details = {
        "cutoff_at": load.cutoff_at.isoformat(),
        "will_miss": load.will_miss,
        "waiting": load.waiting,
        "operators": load.operators,
        "left_minutes": round(load.left_minutes),
    }
    if not load.will_miss:
        return
    async with resources.stores.database.transaction() as connection:
        last = await last_queue_event(connection, queue, AT_RISK)
        told = (last.details or {}) if last else {}
        same = told.get("cutoff_at") == details["cutoff_at"]
        if same and load.will_miss <= int(str(told.get("will_miss", 0))):
            return
        log.warning("queue.cutoff_at_risk", queue=queue, **details)
        event = QueueEvent(queue, AT_RISK, resources.clock.now(), "nextlead", details)
        await append_queue_event(connection, event)
