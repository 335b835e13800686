"""The stage of a lead at a moment: its own, that of its return, or that of an escalation."""

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
    """The active lift with the highest stage, if that is above the lead's own stage."""
    if not existing:
        return None
    holding = [item for item in existing if item.escalation.stage > base.value and item.holds(at)]
    return max(holding, key=lambda item: item.escalation.stage, default=None)


def lifted(lift: Lift) -> Finding:
    """The stage of an active lift."""
    source = f"{lift.escalation.trigger} {lift.minutes:g} minutes"
    return Finding(lift.escalation.stage, source, lift.escalation.rule)


def is_deadline(lift: Lift) -> bool:
    """Whether the order is lost when the lift's moment passes: the supplier's cut-off (A15)."""
    return lift.escalation.trigger is Trigger.BEFORE_CUTOFF


def base_stage(need: Need, policy: Policy) -> Finding:
    """The stage without lifts: of a pin, else of the return, else the lead's own."""
    if need.situation.routing.pinned_at is not None:
        return Finding(GREATEST_STAGE, "pinned by a supervisor", "B1")
    own, cause = _own_stage(need, policy), need.situation.returned_for
    return own if cause is None else _stage_of_return(cause, own, policy)


def _stage_of_return(cause: ParkedFor, own: Finding, policy: Policy) -> Finding:
    """The stage of a cause of return; a cause without one keeps the lead's own stage."""
    why = CAUSES[cause]
    stage = policy.returns[why.returning]
    return Finding(own.value if stage is None else stage, why.source, why.rule)


def _own_stage(need: Need, policy: Policy) -> Finding:
    """The stage of a lead that was not parked (rules A2, A7, A8, B14)."""
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
    """The stage of a caller or visitor who left; an answered call is not a missed one (A2)."""
    if need.situation.talked_at is not None:
        return Finding(policy.kinds[Kind.OFFLINE].stage, "talk is over", "A2")
    missed = need.kind is Kind.PHONE
    returning = Returning.MISSED_CALL if missed else Returning.VISIT_OVER
    stage = policy.returns[returning]
    source, rule = ("missed call", "A8") if missed else ("visitor left", "A7")
    return Finding(policy.kinds[need.kind].stage if stage is None else stage, source, rule)
