"""Who may take what: a lane's name says it, so that nobody ever looks past a lead of others.

A lane is `[owner>]audience[!operator…]`: whose it is for a while, which skills it demands
(`everybody`, or skills joined by `+`), and who declined it and is not asked again. An operator is
served from all lanes that they may serve, and from no other (rules A9, A10, B2, B3, B4, B14, B15).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain

from service.leads.lead import EVERYBODY
from service.leads.operator import Operator

HEAD_OF_SALES = "head_of_sales"
HEAD_ONLY = frozenset({HEAD_OF_SALES})
ANYBODY = (frozenset[str](),)
RULE_OF_SKILL = {"super_vip": "B3", "mentors": "B4", "shows": "B15", "wholesale": "A21"}
REMEMBERED_LANES = 10_000

Gates = tuple[frozenset[str], ...]
"""Sets of skills; whoever has all of one of them is let in."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Whose a lead is, which skills it demands, and who declined it."""

    owner: str | None = None
    skills: frozenset[str] = frozenset()
    declined_by: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The lane's name, the same for equal lanes, another for others.

        Only for names of operators and skills that the API takes: without `>`, `+` and `!`.
        """
        owner = "" if self.owner is None else f"{self.owner}>"
        return owner + self._audience + "".join(f"!{item}" for item in sorted(self.declined_by))

    @property
    def _audience(self) -> str:
        audience = "+".join(sorted(self.skills))
        # A skill may be called `everybody`, too.
        return f"+{audience}" if audience == EVERYBODY else audience or EVERYBODY


@lru_cache(REMEMBERED_LANES)
def lane_of(name: str) -> Lane:
    """The lane of a name that `Lane.name` made."""
    owner, found, rest = name.rpartition(">")
    audience, *declined = rest.split("!")
    skills = () if audience == EVERYBODY else filter(None, audience.split("+"))
    return Lane(owner if found else None, frozenset(skills), frozenset(declined))


@dataclass(frozen=True, slots=True)
class StaffOnShift:
    """The operators of a queue by name: who is at work, and all of them.

    Whoever is away for a moment is at work.
    """

    at_work: Mapping[str, Operator] = field(default_factory=dict)
    everybody: Mapping[str, Operator] = field(default_factory=dict)

    def employs(self, skills: frozenset[str]) -> bool:
        """Whether anybody has all of these skills, at work or not."""
        everybody = chain(self.at_work.values(), self.everybody.values())
        return any(skills <= item.skills for item in everybody)

    def has_willing(self, skills: frozenset[str], declined_by: frozenset[str]) -> bool:
        """Whether anybody at work has all of these skills and did not decline."""
        return any(
            skills <= item.skills and name not in declined_by for name, item in self.at_work.items()
        )


def find_gates(lane: Lane, staff: StaffOnShift) -> Gates:
    """Whom a lane lets in, apart from its owner.

    Skills that nobody at work has, or only who declined, are asked of the head of sales too (B3,
    B4); while he is away as well, the lead waits for one of them. Where nobody is head of sales
    and nobody ever has all the skills, one of them is enough; those that nobody has demand
    nothing, so that a shop that has not named its skills loses no lead.
    """
    skills = lane.skills
    if not skills or staff.has_willing(skills, lane.declined_by):
        return (skills,)
    if staff.employs(HEAD_ONLY) or staff.employs(skills):
        return (skills, HEAD_ONLY)
    each = (frozenset({skill}) for skill in sorted(skills))
    return tuple(skill for skill in each if staff.employs(skill)) or ANYBODY


def may_serve(operator: Operator, lane: Lane, staff: StaffOnShift) -> bool:
    """Whether an operator is served from a lane."""
    return why_not_eligible(operator, lane, staff) is None


def why_not_eligible(operator: Operator, lane: Lane, staff: StaffOnShift) -> str | None:
    """Why an operator is not served from a lane, None when they are.

    `declined`, or the rules: B2 for every owner, whatever rule made them one; those of the skills
    that the operator lacks, `skills` for skills of no rule. An owner needs no skills. Who is not at
    work, or declined, keeps nobody out (B2).
    """
    if operator.name in lane.declined_by:
        return "declined"
    if operator.name == lane.owner:
        return None
    if _is_owner_there(lane, staff):
        return "B2"
    if _is_let_in(operator, find_gates(lane, staff)):
        return None
    lacking = lane.skills - operator.skills
    return ", ".join(sorted({RULE_OF_SKILL.get(skill, "skills") for skill in lacking}))


def served_lanes(operator: Operator, names: Iterable[str], staff: StaffOnShift) -> tuple[str, ...]:
    """Those of the lanes that an operator is served from, in order, after everybody's.

    Everybody's is served even when it is not named: it may be filled at any moment.
    """
    return LaneIndex(names, staff).served_by(operator)


class LaneIndex:
    """The lanes of a queue, sorted once by whom they let in, for all operators who ask.

    An answer costs a look at each set of lanes that have skills and decliners in common, and the
    lanes that are served: those of 1 000 other owners cost nothing.
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
        """The lanes that an operator is served from, in order, after everybody's."""
        served = list(self._owned.get(operator.name, ()))
        for declined_by, gates, names in self._open:
            if operator.name not in declined_by and _is_let_in(operator, gates):
                served += names
        # Lanes of an owner who asks though not recorded as at work are found twice.
        return (EVERYBODY, *dict.fromkeys(sorted(served)))


class LaneIndexes:
    """The newest index of every queue, rebuilt only when its lanes or its staff change."""

    def __init__(self) -> None:
        self._existing: dict[str, tuple[frozenset[str], StaffOnShift, LaneIndex]] = {}

    def of(self, queue: str, names: frozenset[str], staff: StaffOnShift) -> LaneIndex:
        """The index of a queue's lanes for its present staff."""
        existing = self._existing.get(queue)
        if existing is None or existing[1] is not staff or existing[0] != names:
            existing = self._existing[queue] = (names, staff, LaneIndex(names, staff))
        return existing[2]


def _is_owner_there(lane: Lane, staff: StaffOnShift) -> bool:
    return lane.owner in staff.at_work and lane.owner not in lane.declined_by


def _is_let_in(operator: Operator, gates: Gates) -> bool:
    return any(gate <= operator.skills for gate in gates)
