"""The stage of a lead at a moment: its own, that of what it came back for, or of an escalation."""

from collections.abc import Sequence
from datetime import datetime

from service.leads.lead import Intent, Kind, ParkedFor
from service.ranking.score import Finding
from service.ranking.timeline import Lift
from service.rules.need import Need
from service.rules.policy import Policy, Returning, Trigger
from service.rules.returns import CAUSES

GREATEST_STAGE = 900


def highest_lift(base: Finding, existing: Sequence[Lift], at: datetime) -> Lift | None:
    """The highest of the lifts that hold, if any is above the lead's own stage."""
    holding = [item for item in existing if item.escalation.stage > base.value and item.holds(at)]
    return max(holding, key=lambda item: item.escalation.stage, default=None)


def lifted(lift: Lift) -> Finding:
    """The stage of an escalation that holds."""
    source = f"{lift.escalation.trigger} {lift.minutes:g} minutes"
    return Finding(lift.escalation.stage, source, lift.escalation.rule)


def is_deadline(lift: Lift) -> bool:
    """Whether something is lost for good when it passes: the supplier's cut-off (A15)."""
    return lift.escalation.trigger is Trigger.BEFORE_CUTOFF


def base_stage(need: Need, policy: Policy) -> Finding:
    """The lead's own stage, that of its cause for who comes back, the highest for whom a supervisor
    pinned to the top.
    """
    if need.situation.routing.pinned_at is not None:
        return Finding(GREATEST_STAGE, "pinned by a supervisor", "B1")
    own, cause = _own_stage(need, policy), need.situation.returned_for
    return own if cause is None else _stage_of_return(cause, own, policy)


def _stage_of_return(cause: ParkedFor, own: Finding, policy: Policy) -> Finding:
    """A cause has a stage of its own, or that of the lead itself, as if it had not been away."""
    why = CAUSES[cause]
    stage = policy.returns[why.returning]
    return Finding(own.value if stage is None else stage, why.source, why.rule)


def _own_stage(need: Need, policy: Policy) -> Finding:
    """The stage of a lead that nobody put aside (rules A2, A7, A8, B14)."""
    if need.kind in (Kind.PHONE, Kind.OFFICE) and not need.signal.live:
        return _stage_of_who_is_gone(need, policy)
    if need.intent is Intent.OTHER:
        lowest = min(kind.stage for kind in policy.kinds.values())
        return Finding(min(policy.other_stage, max(0, lowest - 1)), "no client", "A1")
    stages, task = policy.ownership.stage_of_campaign, need.signal.task
    if task is not None and task.campaign in stages:
        return Finding(stages[task.campaign], f"campaign {task.campaign}", "B14")
    return Finding(policy.kinds[need.kind].stage, f"kind {need.kind}", "A2")


def _stage_of_who_is_gone(need: Need, policy: Policy) -> Finding:
    """A call that somebody answered is no missed one: it is handled without the client (A2)."""
    if need.situation.talked_at is not None:
        return Finding(policy.kinds[Kind.OFFLINE].stage, "talk is over", "A2")
    missed = need.kind is Kind.PHONE
    returning = Returning.MISSED_CALL if missed else Returning.VISIT_OVER
    stage = policy.returns[returning]
    source, rule = ("missed call", "A8") if missed else ("visitor left", "A7")
    return Finding(policy.kinds[need.kind].stage if stage is None else stage, source, rule)
