"""In which lane a lead waits, and when its owner's time with it is over (B2, A9)."""

from dataclasses import dataclass
from datetime import datetime

from service.rules.audience import Lane
from service.rules.need import Need
from service.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class Lanes:
    """The owner's lane until a moment, then the audience's; without an owner only that."""

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
    audience = Lane(None, skills, routing.declined_by).name
    if routing.assigned_to is not None:
        own = Lane(routing.assigned_to, skills, routing.declined_by).name
        return Lanes(own, None, own)
    if routing.owner is None or routing.owner in routing.declined_by:
        return Lanes(audience, None, audience)
    minutes = policy.kinds[need.kind].owner_minutes
    passes_on_at = policy.hours.add(situation.asked_at, minutes)
    return Lanes(Lane(routing.owner, skills, routing.declined_by).name, passes_on_at, audience)
