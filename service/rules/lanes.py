"""The lane in which a lead waits, and when its owner's time with it is over (A9, B2, B3, B4)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.leads.lead import RankingInput
from service.rules.lane_names import Lane
from service.rules.need import Need
from service.rules.policy import Policy
from service.rules.returns import CAUSES, THEIRS_FIRST
from service.rules.staff import DUTY

DUTY_ONLY = frozenset({DUTY})


@dataclass(frozen=True, slots=True)
class Lanes:
    """The owner's lane until `passes_on_at`, then the audience's; without an owner only that."""

    first: str
    passes_on_at: datetime | None
    after: str

    def at(self, moment: datetime) -> str:
        """The lane at a moment."""
        over = self.passes_on_at is not None and self.passes_on_at <= moment
        return self.after if over else self.first


def find_lanes(need: Need, policy: Policy, patience_minutes: Callable[[], float]) -> Lanes:
    """The lanes of a need: of the assigned operator, or else of its owner for some time.

    The owner's time is a share of the client's patience, but at most the kind's minutes. It counts
    in business minutes; for a live client it counts by the clock. Skills come from rules, from
    operators and from the client's words (B3, B4, B10, B15, A21). Most leads have no owner, so the
    patience is computed only where it is needed.
    """
    routing, situation = need.situation.routing, need.situation
    skills = routing.all_skills | need.reading.skills
    audience = Lane(None, skills, frozenset(routing.declined_by))
    if routing.assigned_to is not None:
        own = replace(audience, owner=routing.assigned_to).name
        return Lanes(own, None, own)

    def after(since: datetime) -> datetime | None:
        return _after(need, policy, since, policy.owner_share * patience_minutes())

    first, _ = whose_first(situation)
    if first is None or first in routing.declined_by:
        return _lanes_of_staff(need, policy, audience, lambda: after(need.signal.received_at))
    passes_on_at = after(situation.waits_since)
    return Lanes(replace(audience, owner=first).name, passes_on_at, audience.name)


def _after(need: Need, policy: Policy, since: datetime, share: float) -> datetime | None:
    minutes = min(policy.kinds[need.kind].owner_minutes, share)
    if need.signal.live:
        return since + timedelta(minutes=minutes)
    return policy.hours.add(since, minutes)


def _lanes_of_staff(
    need: Need, policy: Policy, audience: Lane, passes_on_at: Callable[[], datetime | None]
) -> Lanes:
    """The lanes of a lead without an owner; designated staff has the time of an owner.

    Their time counts from when the signal was received. Then the head of sales is asked too: for
    complaints, which only mentors may take at first (B4), and for a live client whose staff does
    not answer (B3). Common mail goes to everybody then, and at once when there is no duty operator
    (B20).
    """
    rules, skills = policy.audience, audience.skills
    if not skills and need.signal.channel in policy.duty.channels:
        return Lanes(replace(audience, skills=DUTY_ONLY).name, passes_on_at(), audience.name)
    designated = bool(skills) and skills <= rules.held | rules.shared
    if not designated or not (skills <= rules.shared or need.signal.live):
        return Lanes(audience.name, None, audience.name)
    return Lanes(audience.name, passes_on_at(), replace(audience, head_too=True).name)


def whose_first(situation: RankingInput) -> tuple[str | None, str]:
    """Who is served the lead first, and the rule: the promiser, else the owner (A11, A31)."""
    promiser, cause = promised_by(situation), situation.returned_for
    if promiser is not None and cause is not None:
        return promiser, CAUSES[cause].rule
    return situation.routing.owner, situation.routing.owner_rule


def promised_by(situation: RankingInput) -> str | None:
    """The operator who put the lead aside and is served it first now; None for nobody."""
    return situation.parked_by if situation.returned_for in THEIRS_FIRST else None
