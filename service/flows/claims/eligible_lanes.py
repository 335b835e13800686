"""The lanes that serve an operator: by their name, their skills, and who else is on shift.

The names of the lanes come from the line; if it does not answer, from Postgres.
"""

from collections.abc import Collection, Iterable
from itertools import islice

from service.flows.line.find_staff import find_staff, find_staff_and_load
from service.leads.operator import Operator
from service.leads.unchanging import unchanging
from service.resources import Resources
from service.rules.audience import LaneIndex, may_serve, why_not_eligible
from service.rules.lane_names import lane_of
from service.rules.staff import HEAD_OF_SALES, StaffOnShift
from service.storage.leads.claims import waiting_lanes

MAX_OTHERS = 3  # a look at each costs a claim a twentieth of its time


@unchanging
class Eligible:
    """The lanes of a queue that serve an operator, and some of the lanes that do not."""

    served: tuple[str, ...]
    others: tuple[str, ...] = ()


@unchanging
class OpenLanes:
    """Whether any named lane serves this operator, also a lane that is new."""

    operator: Operator
    staff: tuple[StaffOnShift, ...]

    def __contains__(self, lane: object) -> bool:
        return isinstance(lane, str) and any(
            may_serve(self.operator, lane_of(lane), colleague) for colleague in self.staff
        )


async def eligible_lanes(resources: Resources, operator: Operator, queue: str) -> Eligible:
    """The lanes of a queue's line for an operator; raises LineUnavailable."""
    names = await resources.lane_names.of(queue)
    if _shares_lanes(operator, names, staff := await find_staff(resources, queue)):
        index = LaneIndex(names, await find_staff_and_load(resources, queue))
    else:
        index = resources.lane_indexes.of(queue, names, staff)
    served = index.served_by(operator)
    others = names.difference(served) if len(names) > len(served) else ()
    return Eligible(served, await _highest(resources, queue, others))


async def _highest(resources: Resources, queue: str, others: Collection[str]) -> tuple[str, ...]:
    """The lanes of others where the claim looks for leads that stand higher.

    Of many lanes it looks at those whose first leads stood highest a moment ago.
    """
    if len(others) <= MAX_OTHERS:
        return tuple(sorted(others))
    order = await resources.lane_names.by_head(queue)
    return tuple(islice((name for name in order if name in others), MAX_OTHERS))


async def served_by_storage(resources: Resources, operator: Operator) -> dict[str, list[str]]:
    """The lanes with waiting leads that serve an operator, by queue, read from Postgres."""
    served = {}
    for queue in operator.queues:
        names = await waiting_lanes(resources.stores.database, queue)
        staff = await find_staff(resources, queue)
        if _shares_lanes(operator, names, staff):
            staff = await find_staff_and_load(resources, queue)
        served[queue] = list(LaneIndex(names, staff).served_by(operator))
    return served


async def open_lanes(resources: Resources, operator: Operator) -> OpenLanes:
    """The lanes that an operator's long poll waits on."""
    staff = [await find_staff(resources, queue) for queue in operator.queues]
    return OpenLanes(operator, tuple(staff))


def _shares_lanes(operator: Operator, names: Iterable[str], staff: StaffOnShift) -> bool:
    """Whether the load of others decides which lanes serve the head of sales (B4)."""
    if HEAD_OF_SALES not in operator.skills:
        return False
    return any(lane_of(name).skills & staff.rules.shared for name in names)


async def not_eligible_by(
    resources: Resources, operator: Operator, queue: str, lanes: Iterable[str]
) -> list[str]:
    """For each lane, the rule by which it does not serve an operator."""
    staff = await find_staff(resources, queue)
    return [why_not_eligible(operator, lane_of(lane), staff) or "" for lane in lanes]
