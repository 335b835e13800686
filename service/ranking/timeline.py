"""The moments at which a lead's place may change by itself, and the stage that it has between.

Everything here is a function of the situation, the policy and a moment, constant between two
moments of `moments`: following the steps and ranking again give the same place.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from service.hours.hours import Hours
from service.leads.lead import Kind, RankingInput
from service.rules.policy import Cutoff, Escalation, Policy, Trigger
from service.rules.returns import has_stage_of_return

MAX_STEPS = 20
DAYS_AHEAD = 366  # as far as business hours look
REMEMBERED = 1000
LAST_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lift:
    """An escalation and the time in which it holds; without an end it holds for good."""

    escalation: Escalation
    minutes: float
    begins: datetime
    ends: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether a lead is lifted at this moment."""
        return self.begins <= at and (self.ends is None or at < self.ends)


def lifts(situation: RankingInput, kind: Kind, policy: Policy, now: datetime) -> list[Lift]:
    """Every lift that holds at `now` or is the next of its sort to come."""
    escalations = policy.kinds[kind].escalations
    if has_stage_of_return(situation, policy):
        return []
    before_cutoff = [
        escalation for escalation in escalations if escalation.trigger is Trigger.BEFORE_CUTOFF
    ]
    widest = max(before_cutoff, key=lambda item: item.minutes, default=None)
    triggers = {escalation.trigger for escalation in escalations}
    ends_of = {trigger: _end(trigger, policy, now) for trigger in triggers}
    found = []
    for escalation in escalations:
        minutes, ends = escalation.minutes, ends_of[escalation.trigger]
        if escalation.trigger is Trigger.AFTER:
            begins = policy.hours.add(situation.waits_since, minutes)
        else:
            if escalation is widest:
                minutes = max(minutes, _rush_minutes(situation, ends))
            begins = None if ends is None else ends - timedelta(minutes=minutes)
        if begins is not None:
            found.append(Lift(escalation, minutes, begins, ends))
    return found


def _end(trigger: Trigger, policy: Policy, now: datetime) -> datetime | None:
    if trigger is Trigger.AFTER:
        return None
    if trigger is Trigger.BEFORE_CLOSING:
        return policy.hours.next_closing(now)
    return next_cutoff(policy, now)


def _rush_minutes(situation: RankingInput, cutoff_at: datetime | None) -> float:
    rush = situation.rush
    return rush.minutes if rush is not None and rush.cutoff_at == cutoff_at else 0


def next_cutoff(policy: Policy, now: datetime) -> datetime | None:
    """The first cut-off after `now`, on a day that has it and while the shop is open (A15)."""
    if policy.cutoff is None:
        return None
    today = policy.hours.local_date(now)
    for days in range(DAYS_AHEAD + 1):
        at = _cutoff_on(policy.hours, policy.cutoff, today + timedelta(days=days))
        if at is not None and at > now:
            return at
    return None


@lru_cache(REMEMBERED)
def _cutoff_on(hours: Hours, cutoff: Cutoff, day: date) -> datetime | None:
    at = hours.at_local(day, cutoff.minutes)
    has_it = day.weekday() in cutoff.days and hours.is_open(at - LAST_MINUTE)
    return at if has_it else None


def halvings(situation: RankingInput, policy: Policy) -> Sequence[datetime]:
    """When half of the time that the client had left is gone, and half of the rest, and so on.

    The last is a minute before the need, when urgency cannot grow any more.
    """
    needed_by, asked_at = situation.signal.needed_by, situation.asked_at
    if needed_by is None or needed_by - asked_at <= LAST_MINUTE:
        return ()
    return _halvings(asked_at, needed_by, timedelta(minutes=policy.longest_patience_minutes))


@lru_cache(REMEMBERED)
def _halvings(asked_at: datetime, needed_by: datetime, longest: timedelta) -> Sequence[datetime]:
    """Asked again at every moment of a lead's timeline."""
    count = math.floor(math.log2((needed_by - asked_at) / LAST_MINUTE))
    lefts = [(needed_by - asked_at) / 2**number for number in range(1, count + 1)]
    felt = [left for left in lefts if LAST_MINUTE < left < longest]
    return tuple(needed_by - left for left in (*felt, LAST_MINUTE))


def time_left(situation: RankingInput, policy: Policy, now: datetime) -> timedelta:
    """How long the client can still wait, as known since the last halving."""
    needed_by = situation.signal.needed_by
    assert needed_by is not None, "asked only of who said when they need it"
    seen = [at for at in (situation.asked_at, *halvings(situation, policy)) if at <= now]
    return needed_by - max(seen, default=situation.asked_at)


@dataclass(frozen=True, slots=True)
class Cycle:
    """A stretch of time, until the next cut-off or closing, in which the same lifts are ahead."""

    begins: datetime
    lifts: Sequence[Lift]


def cycles(
    situation: RankingInput, kind: Kind, policy: Policy, now: datetime, limit: int
) -> list[Cycle]:
    """The cycle of `now` and those after it; of the last one only the beginning is foretold."""
    found, begins = [], now
    for _ in range(limit):
        cycle = Cycle(begins, lifts(situation, kind, policy, begins))
        found.append(cycle)
        ends = [lift.ends for lift in cycle.lifts if lift.ends is not None]
        if not ends:
            break
        begins = min(ends)
    return found


def moments(situation: RankingInput, policy: Policy, existing: Sequence[Cycle]) -> list[datetime]:
    """The moments after the first cycle's beginning at which the place may change, in order.

    Where cycle follows cycle they end with the beginning of the last.
    """
    now, horizon = existing[0].begins, existing[-1].begins
    bounds = {
        at for cycle in existing for lift in cycle.lifts for at in (lift.begins, lift.ends) if at
    }
    ahead = sorted(at for at in {*bounds, *halvings(situation, policy)} if at > now)
    return [at for at in ahead if at <= horizon] if len(existing) > 1 else ahead
