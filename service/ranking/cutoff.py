"""Whether all work can be done before the supplier's cut-off, and when it must begin (A15)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heapreplace

from service.leads.lead import Kind
from service.ranking.timeline import next_cutoff
from service.rules.policy import Policy, Trigger

ROUNDED_MINUTES = 15
MINUTE = timedelta(minutes=1)
ALMOST = 1e-6  # tolerance in handlings: times of day are no exact multiples of a handling


@dataclass(frozen=True, slots=True)
class OperatorLoad:
    """A present operator's leads of cut-off kinds: how many, and when they took the oldest."""

    holds: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """The work before one cut-off, in minutes of open hours; `handling` is one operator's."""

    cutoff_at: datetime
    waiting: int
    operators: int
    handling_minutes: float
    needed_minutes: float
    left_minutes: float
    will_miss: int


def cutoff_kinds(policy: Policy) -> list[Kind]:
    """The kinds that an escalation lifts before the cut-off; their work must begin before it."""
    return [kind for kind in Kind if _lift_minutes(policy, kind)]


def find_load(
    policy: Policy, now: datetime, waiting: int, on_shift: Sequence[OperatorLoad]
) -> Load | None:
    """The work before the next cut-off; None without a cut-off.

    With nobody on shift, `needed_minutes` supposes one operator and `will_miss` supposes none.
    """
    cutoff_at = next_cutoff(policy, now)
    if policy.cutoff is None or cutoff_at is None:
        return None
    handling = policy.cutoff.handling_minutes
    left = policy.hours.open_minutes(now, cutoff_at)
    busy = [_busy_minutes(item, policy, handling, now) for item in on_shift]
    return Load(
        cutoff_at=cutoff_at,
        waiting=waiting,
        operators=len(on_shift),
        handling_minutes=handling,
        needed_minutes=_needed_minutes(waiting, busy or [0.0], handling),
        left_minutes=left,
        will_miss=max(0, waiting - _done_within(left, busy, handling)),
    )


def rush_minutes(policy: Policy, load: Load, now: datetime) -> float:
    """How long before the cut-off leads must be lifted from now on; 0 when that is not needed.

    It is needed when the time left is at most one handling longer than the time needed, and the
    policy's own lift would come too late. With nobody on shift the result is 0. Minutes of the
    clock, rounded up to quarters of an hour.
    """
    usual = _usual_minutes(policy)
    before = (load.cutoff_at - now) / MINUTE
    if not load.waiting or not load.operators or before <= usual:
        return 0
    lifted_anyway = policy.hours.open_minutes(load.cutoff_at - usual * MINUTE, load.cutoff_at)
    in_time = load.left_minutes > load.needed_minutes + load.handling_minutes
    if in_time or load.needed_minutes <= lifted_anyway:
        return 0
    return math.ceil(before / ROUNDED_MINUTES) * ROUNDED_MINUTES


def is_at_risk(policy: Policy, load: Load, now: datetime) -> bool:
    """Whether to warn that not all work will be done in time.

    With nobody on shift it warns only when one operator would be too late and the shop is open: at
    night nobody knows who will come in the morning.
    """
    if load.operators:
        return load.will_miss > 0
    too_late = load.needed_minutes > load.left_minutes
    return too_late and policy.hours.is_open(now)


def _usual_minutes(policy: Policy) -> float:
    """The least time before the cut-off at which all cut-off kinds are lifted."""
    kinds = cutoff_kinds(policy)
    return min((max(_lift_minutes(policy, kind)) for kind in kinds), default=0)


def _lift_minutes(policy: Policy, kind: Kind) -> list[float]:
    escalations = policy.kinds[kind].escalations
    return [
        escalation.minutes
        for escalation in escalations
        if escalation.trigger is Trigger.BEFORE_CUTOFF
    ]


def _busy_minutes(
    operator_load: OperatorLoad, policy: Policy, handling: float, now: datetime
) -> float:
    """How long an operator needs for the leads that they hold, one after the other."""
    if operator_load.since is None:
        return 0.0
    present = max(0.0, handling - policy.hours.open_minutes(operator_load.since, now))
    return present + (operator_load.holds - 1) * handling


def _done_within(minutes: float, busy: Sequence[float], handling: float) -> int:
    rounds = (math.floor((minutes - item) / handling + ALMOST) for item in busy)
    return sum(max(0, item) for item in rounds)


def _needed_minutes(waiting: int, busy: Sequence[float], handling: float) -> float:
    """The minutes until the last lead is done when each operator takes the next one once free."""
    # skip the rounds in which all operators work for certain
    rounds = max(0, waiting // len(busy) - math.ceil(max(busy) / handling) - 1)
    ends, needed = [item + rounds * handling for item in busy], 0.0
    heapify(ends)
    for _ in range(waiting - rounds * len(busy)):
        needed = ends[0] + handling
        heapreplace(ends, needed)
    return needed
