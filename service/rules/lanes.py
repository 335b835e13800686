"""The lane in which a lead waits, and when its owner's time with it is over (A9, B2, B3, B4)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from service.leads.lead import RankingInput
from service.leads.unchanging import unchanging
from service.rules.lane_names import lane_name
from service.rules.need import Need
from service.rules.policy import Policy
from service.rules.returns import CAUSES, THEIRS_FIRST
from service.rules.staff import DUTY

DUTY_ONLY = frozenset({DUTY})


@unchanging
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
    skills, declined_by = routing.all_skills | need.reading.skills, frozenset(routing.declined_by)
    if routing.assigned_to is not None:
        own = lane_name(routing.assigned_to, skills, declined_by)
        return Lanes(own, None, own)

    def grace() -> float:
        most = policy.kinds[need.kind].owner_minutes
        return min(most, policy.owner_share * patience_minutes())

    first, _ = whose_first(situation)
    if first is None or first in routing.declined_by:
        return _lanes_of_staff(need, policy, skills, declined_by, grace)
    passes_on_at = _after(need, policy, situation.waits_since, grace())
    own = lane_name(first, skills, declined_by)
    return Lanes(own, passes_on_at, lane_name(None, skills, declined_by))


def _after(need: Need, policy: Policy, since: datetime, minutes: float) -> datetime | None:
    if need.signal.live:
        return since + timedelta(minutes=minutes)
    return policy.hours.add(since, minutes)


def _lanes_of_staff(
    need: Need,
    policy: Policy,
    skills: frozenset[str],
    declined_by: frozenset[str],
    grace: Callable[[], float],
) -> Lanes:
    """The lanes of a lead without an owner; designated staff has the time of an owner.

    Their time counts from when the signal was received. Then the head of sales is asked too: for
    complaints, which only mentors may take at first (B4), and for a live client whose staff does
    not answer (B3). Common mail goes to everybody then, and at once when there is no duty operator
    (B20).
    """
    rules, everybodys = policy.audience, lane_name(None, skills, declined_by)
    is_common = not skills and need.signal.channel in policy.duty.channels
    designated = bool(skills) and skills <= rules.held | rules.shared
    if not is_common and (not designated or not (skills <= rules.shared or need.signal.live)):
        return Lanes(everybodys, None, everybodys)
    passes_on_at = _after(need, policy, need.signal.received_at, grace())
    if is_common:
        return Lanes(lane_name(None, DUTY_ONLY, declined_by), passes_on_at, everybodys)
    return Lanes(everybodys, passes_on_at, lane_name(None, skills, declined_by, head_too=True))


def whose_first(situation: RankingInput) -> tuple[str | None, str]:
    """Who is served the lead first, and the rule: the promiser, else the owner (A11, A31)."""
    promiser, cause = promised_by(situation), situation.returned_for
    if promiser is not None and cause is not None:
        return promiser, CAUSES[cause].rule
    return situation.routing.owner, situation.routing.owner_rule


def promised_by(situation: RankingInput) -> str | None:
    """The operator who put the lead aside and is served it first now; None for nobody."""
    return situation.parked_by if situation.returned_for in THEIRS_FIRST else None
