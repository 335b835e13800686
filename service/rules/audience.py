"""Which operators may take which leads; the name of a lane says it.

An operator is served from all lanes that they may serve and from no other, so nobody has to skip a
lead (rules A9, A10, B2, B3, B4, B14, B15, B20, A21).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from service.leads.lead import EVERYBODY
from service.leads.operator import Operator
from service.rules.lane_names import Lane, lane_of
from service.rules.staff import DUTY, MENTORS, SHOWS, SUPER_VIP, Gates, StaffOnShift, find_gates

OWNERS = "B2"  # stands for each rule that gives a lead an owner
RULE_OF_SKILL = {
    SUPER_VIP: "B3",
    MENTORS: "B4",
    SHOWS: "B15",
    "wholesale": "A21",
    DUTY: "B20",
}


def rules_of_skills(skills: Iterable[str]) -> list[str]:
    """The rules that demand these skills; `skills` stands for a skill without a rule."""
    return sorted({RULE_OF_SKILL.get(skill, "skills") for skill in skills})


def may_serve(operator: Operator, lane: Lane, staff: StaffOnShift) -> bool:
    """Whether an operator is served from a lane."""
    return why_not_eligible(operator, lane, staff) is None


def why_not_eligible(operator: Operator, lane: Lane, staff: StaffOnShift) -> str | None:
    """Why an operator is not served from a lane; None when they are.

    The answer is `declined`, or the ids of rules: B2 when the lane has another owner, else the
    rules of the skills that the operator lacks (`skills` for a skill without a rule). An owner
    needs no skills. An owner who is not at work or has declined keeps nobody out (B2).
    """
    if operator.name in lane.declined_by:
        return "declined"
    if operator.name == lane.owner:
        return None
    if _is_owner_there(lane, staff):
        return OWNERS
    if _is_let_in(operator, find_gates(lane, staff)):
        return None
    return ", ".join(rules_of_skills(lane.skills - operator.skills))


def why_not_by_id(operator: Operator, lane: Lane, staff: StaffOnShift) -> str | None:
    """Why an operator may not take a lead that they ask for by its id; None when they may.

    The answer is that of the line, except that an operator may take a lead that they declined.
    """
    others = replace(lane, declined_by=lane.declined_by - {operator.name})
    return why_not_eligible(operator, others, staff)


def is_declined_by_all(lane: Lane, staff: StaffOnShift) -> bool:
    """Whether nobody at work is served from a lane only because operators declined it."""
    at_work = staff.at_work.values()
    return not any(may_serve(item, lane, staff) for item in at_work) and any(
        item.name in lane.declined_by and why_not_by_id(item, lane, staff) is None
        for item in at_work
    )


class LaneIndex:
    """The lanes of a queue, grouped once by whom they admit, for all operators who ask.

    An answer looks at each group of lanes with equal skills and decliners, and at the operator's
    own lanes. The lanes of 1 000 other owners cost nothing.
    """

    def __init__(self, names: Iterable[str], staff: StaffOnShift) -> None:
        self._owned = defaultdict[str, list[str]](list)
        alike = defaultdict[Lane, list[str]](list)
        for name in sorted({*names} - {EVERYBODY}):
            lane = lane_of(name)
            if lane.owner is not None and lane.owner not in lane.declined_by:
                self._owned[lane.owner].append(name)
            if not _is_owner_there(lane, staff):
                alike[replace(lane, owner=None)].append(name)
        self._open = [
            (lane.declined_by, find_gates(lane, staff), tuple(found))
            for lane, found in alike.items()
        ]

    def served_by(self, operator: Operator) -> tuple[str, ...]:
        """The lanes that an operator is served from: everybody's first, then by name."""
        served = list(self._owned.get(operator.name, ()))
        for declined_by, gates, names in self._open:
            if operator.name not in declined_by and _is_let_in(operator, gates):
                served += names
        # An owner who asks but is not recorded as at work finds their lanes twice.
        return (EVERYBODY, *dict.fromkeys(sorted(served)))


class LaneIndexes:
    """The newest index of each queue; it is rebuilt only when the lanes or the staff change."""

    def __init__(self) -> None:
        self._existing: dict[str, tuple[frozenset[str], StaffOnShift, LaneIndex]] = {}

    def of(self, queue: str, names: frozenset[str], staff: StaffOnShift) -> LaneIndex:
        """The index of a queue's lanes for its current staff."""
        existing = self._existing.get(queue)
        if existing is None or existing[1] is not staff or existing[0] != names:
            existing = self._existing[queue] = (names, staff, LaneIndex(names, staff))
        return existing[2]


def _is_owner_there(lane: Lane, staff: StaffOnShift) -> bool:
    return lane.owner in staff.at_work and lane.owner not in lane.declined_by


def _is_let_in(operator: Operator, gates: Gates) -> bool:
    return any(gate <= operator.skills for gate in gates)
