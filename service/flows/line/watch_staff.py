"""Report leads that wait while nobody who may take them is on shift, and repeat it (B3, B4).

Also report when leads wait in open hours and nobody is online. It writes Postgres only, under the
lock of the queue's row, so that replicas report it once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from service.flows.line.find_staff import find_staff
from service.leads.errors import NextleadError
from service.leads.lead import Lead, State
from service.leads.operator import Presence
from service.resources import Resources
from service.rules.audience import rules_of_skills
from service.rules.lane_names import lane_of
from service.rules.staff import StaffOnShift, is_unstaffed
from service.storage.leads.claims import waiting_lanes
from service.storage.queues.queue_events import (
    QueueEvent,
    append_queue_event,
    last_queue_events,
    lock_queue,
)
from service.storage.queues.waiting import count_waiting

log = structlog.get_logger()

USUAL_AGAIN = timedelta(minutes=30)
UNSTAFFED, UNATTENDED = "queue.unstaffed", "queue.unattended"


@dataclass(frozen=True, slots=True)
class StaffGap:
    """What a queue lacks now: the skills, if any, and the lanes in which leads wait for them."""

    type: str
    skills: tuple[str, ...]
    lanes: tuple[str, ...]
    held: bool = True

    @property
    def details(self) -> dict[str, object]:
        """The details of the report, without the number of waiting leads."""
        if not self.skills:
            return {}
        served_by = "nobody" if self.held else "everybody"
        rules = rules_of_skills(self.skills)
        return {"skills": list(self.skills), "rules": rules, "served_by": served_by}


async def watch_staff(resources: Resources) -> None:
    """Check every queue in which leads wait."""
    for queue in await resources.stores.bases.all():
        await watch_staff_of(resources, queue)


async def watch_new_lead(resources: Resources, lead: Lead) -> None:
    """Check at once when a new lead demands skills; the next round repeats what fails."""
    lane = lane_of(lead.ranking.lane)
    if lead.state is not State.WAITING or not lane.skills:
        return
    try:
        if is_unstaffed(lane, await find_staff(resources, lead.signal.queue)):
            await watch_staff_of(resources, lead.signal.queue)
    except NextleadError as error:
        log.warning("staff.not_watched", lead_id=str(lead.id), why=str(error))


async def watch_staff_of(resources: Resources, queue: str) -> None:
    """Report what a queue lacks, unless it was reported lately."""
    for gap in await find_gaps(resources, queue):
        await _tell(resources, queue, gap)


async def find_gaps(resources: Resources, queue: str) -> list[StaffGap]:
    """What a queue lacks for its waiting leads."""
    lanes = await waiting_lanes(resources.stores.database, queue)
    if not lanes:
        return []
    staff = await find_staff(resources, queue)
    gaps = [*_unstaffed(lanes, staff)]
    hours = (await resources.stores.bases.of(queue)).policy.hours
    if hours.is_open(resources.clock.now()) and not await _is_anybody_online(resources, staff):
        gaps.append(StaffGap(UNATTENDED, (), tuple(lanes)))
    return gaps


def _unstaffed(lanes: Sequence[str], staff: StaffOnShift) -> Iterator[StaffGap]:
    """One gap for each set of skills, because several lanes may demand the same."""
    found: dict[frozenset[str], list[str]] = {}
    for name in lanes:
        lane = lane_of(name)
        if is_unstaffed(lane, staff):
            found.setdefault(lane.skills, []).append(name)
    for skills, names in found.items():
        held = bool(staff.rules.held_of(skills))
        yield StaffGap(UNSTAFFED, tuple(sorted(skills)), tuple(names), held)


async def _is_anybody_online(resources: Resources, staff: StaffOnShift) -> bool:
    now = resources.clock.now()
    for operator in staff.at_work.values():
        if await resources.stores.directory.presence(operator, now) is Presence.ONLINE:
            return True
    return False


async def gap_details(resources: Resources, queue: str, gap: StaffGap) -> dict[str, object]:
    """The details of the report, with the number of waiting leads."""
    waiting = await count_waiting(resources.stores.database, queue, gap.lanes)
    return {**gap.details, "waiting": waiting}


async def _tell(resources: Resources, queue: str, gap: StaffGap) -> None:
    now, policy = resources.clock.now(), (await resources.stores.bases.of(queue)).policy
    since = now - (policy.late_again or USUAL_AGAIN)
    details = await gap_details(resources, queue, gap)
    async with resources.stores.database.transaction() as connection:
        await lock_queue(connection, queue)
        for event in await last_queue_events(connection, queue, gap.type, since):
            if (event.details or {}).get("skills", []) == list(gap.skills):
                return
        await append_queue_event(connection, QueueEvent(queue, gap.type, now, "nextlead", details))
    log.info(gap.type, queue=queue, waiting=details["waiting"])
