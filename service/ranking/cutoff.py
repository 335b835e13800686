"""Whether everything can be done before the supplier's cut-off, and when it must begin (A15)."""

import math
from dataclasses import dataclass
from datetime import datetime

from service.leads.lead import Kind
from service.ranking.policy import Policy, Trigger
from service.ranking.timeline import next_cutoff

ROUNDED_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Load:
    """The work before one cut-off; minutes are those of open hours, `handling` of one operator."""

    cutoff_at: datetime
    waiting: int
    operators: int
    handling_minutes: float
    needed_minutes: float
    left_minutes: float
    will_miss: int


def cutoff_kinds(policy: Policy) -> list[Kind]:
    """The kinds that must be begun before the cut-off: those that it lifts."""
    return [kind for kind in Kind if _lift_minutes(policy, kind)]


def find_load(policy: Policy, now: datetime, waiting: int, operators: int) -> Load | None:
    """The work before the next cut-off; None without one. Nobody there counts as one operator
    for the time that is needed, and as nobody for what will be missed.
    """
    cutoff_at = next_cutoff(policy, now)
    if policy.cutoff is None or cutoff_at is None:
        return None
    handling = policy.cutoff.handling_minutes
    left = policy.hours.open_minutes(now, cutoff_at)
    return Load(
        cutoff_at=cutoff_at,
        waiting=waiting,
        operators=operators,
        handling_minutes=handling,
        needed_minutes=math.ceil(waiting / max(1, operators)) * handling,
        left_minutes=left,
        will_miss=max(0, waiting - operators * math.floor(left / handling)),
    )


def rush_minutes(policy: Policy, load: Load) -> float:
    """How long before the cut-off work must begin when the policy's own lift is too late, else 0.

    One handling more than needed, in steps of a quarter of an hour.
    """
    usual = max((minutes for kind in Kind for minutes in _lift_minutes(policy, kind)), default=0)
    if not load.waiting or load.needed_minutes <= usual:
        return 0
    wanted = load.needed_minutes + load.handling_minutes
    return math.ceil(wanted / ROUNDED_MINUTES) * ROUNDED_MINUTES


def _lift_minutes(policy: Policy, kind: Kind) -> list[float]:
    escalations = policy.kinds[kind].escalations
    return [one.minutes for one in escalations if one.trigger is Trigger.BEFORE_CUTOFF]
