"""Who is on shift, and whom a lane admits (rules B2, B3, B4, B15, B20, A21)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from service.leads.operator import Operator
from service.rules.lane_names import Lane

HEAD_OF_SALES = "head_of_sales"
HEAD_ONLY = frozenset({HEAD_OF_SALES})
SUPER_VIP, MENTORS, SHOWS, DUTY = "super_vip", "mentors", "shows", "duty"
ANYBODY = (frozenset[str](),)

Gates = tuple[frozenset[str], ...]
"""Sets of skills; whoever has all of one of them is let in."""


@dataclass(frozen=True, slots=True)
class AudienceRules:
    """A policy's rules for leads that demand skills.

    They matter while neither a holder of the skills nor the head of sales is on shift. A lead that
    demands a `held` skill waits for them; any other lead is open to everybody. With `hold_others`
    each lead waits, except for `opened` skills. For `shared` skills the head of sales is asked
    besides the holders (B4).
    """

    held: frozenset[str] = frozenset({SUPER_VIP, MENTORS})
    opened: frozenset[str] = frozenset()
    hold_others: bool = False
    shared: frozenset[str] = frozenset({MENTORS})

    def held_of(self, skills: Iterable[str]) -> frozenset[str]:
        """Those of the skills for which a lead waits."""
        return frozenset(
            skill
            for skill in skills
            if skill in self.held or (self.hold_others and skill not in self.opened)
        )


USUAL_RULES = AudienceRules()


@dataclass(frozen=True, slots=True)
class StaffOnShift:
    """The operators of a queue by name: those at work, and all of them.

    An operator who is away for a moment is at work. `full` are those who hold as many leads as they
    may. `rules` come from the queue's policy.
    """

    at_work: Mapping[str, Operator] = field(default_factory=dict)
    everybody: Mapping[str, Operator] = field(default_factory=dict)
    rules: AudienceRules = USUAL_RULES
    full: frozenset[str] = frozenset()

    def employs(self, skills: frozenset[str]) -> bool:
        """Whether any operator, at work or not, has all of these skills."""
        everybody = chain(self.at_work.values(), self.everybody.values())
        return any(skills <= item.skills for item in everybody)

    def willing(self, skills: frozenset[str], declined_by: frozenset[str]) -> list[str]:
        """The operators at work who have all of these skills and did not decline."""
        return [
            name
            for name, item in self.at_work.items()
            if skills <= item.skills and name not in declined_by
        ]


def find_gates(lane: Lane, staff: StaffOnShift) -> Gates:
    """Whom a lane admits, apart from its owner.

    It admits those at work who have its skills and did not decline. The head of sales is added when
    the lane says so, or when the skills are shared and all their holders are full (B4). When no
    holder is at work, the head of sales is admitted (B3). Without both, the lead waits for the
    skills that the policy holds; it is open to everybody when the policy holds none of them.
    """
    skills = _demanded(lane, staff)
    if not skills:
        return ANYBODY
    willing = staff.willing(skills, lane.declined_by)
    if willing:
        all_full = skills <= staff.rules.shared and staff.full.issuperset(willing)
        return (skills, HEAD_ONLY) if lane.head_too or all_full else (skills,)
    held = staff.rules.held_of(skills)
    if held:
        return (skills, held, HEAD_ONLY, *_each(held, staff))
    return (skills, HEAD_ONLY) if staff.willing(HEAD_ONLY, lane.declined_by) else ANYBODY


def is_unstaffed(lane: Lane, staff: StaffOnShift) -> bool:
    """Whether neither a holder of a lane's skills nor the head of sales is on shift."""
    skills = _demanded(lane, staff)
    if not skills or lane.owner in staff.at_work:
        return False
    return not any(
        skills <= item.skills or HEAD_OF_SALES in item.skills for item in staff.at_work.values()
    )


def _demanded(lane: Lane, staff: StaffOnShift) -> frozenset[str]:
    """The demanded skills; the duty skill counts only while a duty operator is at work (B20)."""
    if DUTY in lane.skills and not staff.willing(lane.skills, lane.declined_by):
        return lane.skills - {DUTY}
    return lane.skills


def _each(held: frozenset[str], staff: StaffOnShift) -> Gates:
    """Each single held skill, when there is no head of sales and nobody has all held skills."""
    if not held or staff.employs(HEAD_ONLY) or staff.employs(held):
        return ()
    each = (frozenset({skill}) for skill in sorted(held))
    return tuple(skill for skill in each if staff.employs(skill))
