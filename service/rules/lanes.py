"""In which lane a lead waits, and when its owner's time with it is over (A9, B2, B3, B4)."""

from dataclasses import dataclass, replace
from datetime import datetime

from service.rules.lane_names import Lane
from service.rules.need import Need
from service.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class Lanes:
    """The owner's lane, or that of designated staff, until a moment; then the lane of more."""

    first: str
    passes_on_at: datetime | None
    after: str

    def at(self, moment: datetime) -> str:
        """The lane of a moment."""
        over = self.passes_on_at is not None and self.passes_on_at <= moment
        return self.after if over else self.first


def find_lanes(need: Need, policy: Policy) -> Lanes:
    """The lanes of a need: of whom a supervisor assigned it to, else of its owner for a while.

    The owner's time counts in business minutes from the client's last word. What words demand
    goes with what rules and operators demand (B3, B4, B10, B15, A21).
    """
    routing, situation = need.situation.routing, need.situation
    skills = routing.all_skills | need.reading.skills
    audience = Lane(None, skills, frozenset(routing.declined_by))
    if routing.assigned_to is not None:
        own = replace(audience, owner=routing.assigned_to).name
        return Lanes(own, None, own)
    if routing.owner is None or routing.owner in routing.declined_by:
        return _lanes_of_staff(need, policy, audience)
    passes_on_at = _passes_on_at(need, policy, situation.asked_at)
    return Lanes(replace(audience, owner=routing.owner).name, passes_on_at, audience.name)


def _lanes_of_staff(need: Need, policy: Policy, audience: Lane) -> Lanes:
    """After the owner's time with such a lead the head of sales is asked as well.

    For complaints, which mentors may not take at once (B4), and for who is on the line or in the
    office and whose designated staff is silent (B3). It counts from the first word.
    """
    rules, skills = policy.audience, audience.skills
    designated = bool(skills) and skills <= rules.held | rules.shared
    if not designated or not (skills <= rules.shared or need.signal.live):
        return Lanes(audience.name, None, audience.name)
    passes_on_at = _passes_on_at(need, policy, need.signal.received_at)
    return Lanes(audience.name, passes_on_at, replace(audience, head_too=True).name)


def _passes_on_at(need: Need, policy: Policy, since: datetime) -> datetime | None:
    return policy.hours.add(since, policy.kinds[need.kind].owner_minutes)
