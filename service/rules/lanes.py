"""In which lane a lead waits, and when its owner's time with it is over (B2, A9)."""

from dataclasses import dataclass
from datetime import datetime

from service.leads.lead import RankingInput
from service.rules.audience import Lane
from service.rules.need import Need
from service.rules.policy import Policy
from service.rules.returns import CAUSES, THEIRS_FIRST


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


def find_lanes(need: Need, policy: Policy, patience_minutes: float) -> Lanes:
    """The lanes of a need: of whom a supervisor assigned it to, else of whose it is for a while.

    Their time is a share of the client's patience, at most the kind's minutes; it counts in
    business minutes while the client waits. What words demand goes with what rules and operators
    demand (B3, B4, B10, B15, A21).
    """
    routing, situation = need.situation.routing, need.situation
    skills = routing.all_skills | need.reading.skills
    audience = Lane(None, skills, routing.declined_by).name
    if routing.assigned_to is not None:
        own = Lane(routing.assigned_to, skills, routing.declined_by).name
        return Lanes(own, None, own)
    first, _ = whose_first(situation)
    if first is None or first in routing.declined_by:
        return Lanes(audience, None, audience)
    minutes = min(policy.kinds[need.kind].owner_minutes, policy.owner_share * patience_minutes)
    passes_on_at = policy.hours.add(situation.waits_since, minutes)
    return Lanes(Lane(first, skills, routing.declined_by).name, passes_on_at, audience)


def whose_first(situation: RankingInput) -> tuple[str | None, str]:
    """Who is served a lead before others, and the rule: a promise is the promiser's (A11, A31)."""
    promiser, cause = promised_by(situation), situation.returned_for
    if promiser is not None and cause is not None:
        return promiser, CAUSES[cause].rule
    return situation.routing.owner, situation.routing.owner_rule


def promised_by(situation: RankingInput) -> str | None:
    """Who put a lead aside for what is theirs to do when it comes back; None for nobody."""
    return situation.parked_by if situation.returned_for in THEIRS_FIRST else None
