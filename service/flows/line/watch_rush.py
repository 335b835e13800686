"""A rush begins when more work waits than the operators on shift can do soon, and ends (A4).

Each begin and end raises a number in the queue's row. Leads that were ranked under another number
are ranked again, as after a change of the policy.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog

from service.resources import Resources
from service.rules.policy import Mode, Policy
from service.rules.rush import CALM, RushState, next_state
from service.storage.database import Connection
from service.storage.queues.queue_events import QueueEvent, append_queue_event
from service.storage.queues.rush import locked_rush, operators_on_shift, store_rush, waiting_work

log = structlog.get_logger()

BEGAN, ENDED = "queue.rush_began", "queue.rush_ended"


@dataclass(frozen=True, slots=True)
class WaitingWork:
    """Minutes of work that wait in a queue, and operators on shift; shared ones count in part."""

    minutes: float
    operators: float

    @property
    def per_operator(self) -> float | None:
        """Minutes for each operator; None while nobody is on shift."""
        return self.minutes / self.operators if self.operators else None


async def watch_rush(resources: Resources) -> None:
    """Check for every queue with a rush in its policy whether one begins or ends."""
    changed = False
    for queue, basis in (await resources.stores.bases.all()).items():
        calm = await resources.stores.bases.policy(queue, basis.policy.version)
        if calm.rush is not None or basis.policy.rush_number % 2:
            changed |= await _look(resources, queue, calm)
    if changed:
        resources.stores.bases.forget()


async def _look(resources: Resources, queue: str, policy: Policy) -> bool:
    """Begin or end the queue's rush if it is time; True if it changed."""
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        before, number = await locked_rush(connection, queue)
        there = (await operators_on_shift(connection, now)).get(queue, 0.0)
        work = WaitingWork(await waiting_work(connection, queue), there)
        state = _next(policy, before, work, now)
        if state == before:
            return False
        begun_or_ended = state.mode is not before.mode
        await store_rush(connection, queue, state, number + begun_or_ended)
        if begun_or_ended:
            await _note(connection, queue, state, work, now)
    if begun_or_ended:
        log.info("queue.rush", queue=queue, mode=state.mode.value, minutes=round(work.minutes))
    return begun_or_ended


def _next(policy: Policy, before: RushState, work: WaitingWork, now: datetime) -> RushState:
    """The next state; a policy without a rush ends the present one."""
    return CALM if policy.rush is None else next_state(before, work.per_operator, now, policy.rush)


async def _note(
    connection: Connection, queue: str, state: RushState, work: WaitingWork, now: datetime
) -> None:
    details = {
        "waiting_minutes": round(work.minutes, 1),
        "operators": round(work.operators, 2),
        "minutes_per_operator": None if work.per_operator is None else round(work.per_operator, 1),
    }
    kind = BEGAN if state.mode is Mode.RUSH else ENDED
    await append_queue_event(connection, QueueEvent(queue, kind, now, "nextlead", details))
