"""The moments at which time alone may change a lead's place, and the lifts between them.

Everything here depends only on the ranking input, the policy and a moment, and is constant between
two of the `moments`. So following the steps and ranking again give the same place.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from service.hours.hours import Hours
from service.leads.lead import Kind, RankingInput
from service.leads.unchanging import unchanging
from service.rules.policy import Cutoff, Escalation, Policy, Trigger
from service.rules.returns import has_stage_of_return

MAX_STEPS = 20
DAYS_AHEAD = 366  # as far as business hours look
REMEMBERED = 1000
LAST_MINUTE = timedelta(minutes=1)


@unchanging
class Lift:
    """An escalation and the time in which it is active; without an end it stays active."""

    escalation: Escalation
    minutes: float
    begins: datetime
    ends: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether the lift is active at a moment."""
        return self.begins <= at and (self.ends is None or at < self.ends)


def lifts(situation: RankingInput, kind: Kind, policy: Policy, now: datetime) -> list[Lift]:
    """Each lift that is active at `now` or is the next one of its escalation."""
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
    """The first cut-off after `now`: on a day that has one, while the shop is open (A15)."""
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
    """The moments at which half of the client's remaining time has passed, again and again.

    The last one is a minute before the need, when the urgency cannot grow any more.
    """
    needed_by, asked_at = situation.signal.needed_by, situation.asked_at
    if needed_by is None or needed_by - asked_at <= LAST_MINUTE:
        return ()
    return _halvings(asked_at, needed_by, timedelta(minutes=policy.longest_patience_minutes))


@lru_cache(REMEMBERED)
def _halvings(asked_at: datetime, needed_by: datetime, longest: timedelta) -> Sequence[datetime]:
    """Cached, because each moment of a lead's timeline asks for it."""
    count = math.floor(math.log2((needed_by - asked_at) / LAST_MINUTE))
    lefts = [(needed_by - asked_at) / 2**number for number in range(1, count + 1)]
    felt = [left for left in lefts if LAST_MINUTE < left < longest]
    return tuple(needed_by - left for left in (*felt, LAST_MINUTE))


def time_left(situation: RankingInput, halved: Sequence[datetime], now: datetime) -> timedelta:
    """How long the client can wait, counted from the last of their halvings."""
    needed_by = situation.signal.needed_by
    assert needed_by is not None, "asked only of who said when they need it"
    passed = bisect_right(halved, now)
    return needed_by - (halved[passed - 1] if passed else situation.asked_at)


@unchanging
class Cycle:
    """The time until the next cut-off or closing; the lifts ahead do not change in it."""

    begins: datetime
    lifts: Sequence[Lift]


def cycles(
    situation: RankingInput, kind: Kind, policy: Policy, now: datetime, limit: int
) -> list[Cycle]:
    """The cycle of `now` and the next ones; only the beginning of the last one is predicted."""
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
    """The sorted moments after the first cycle's beginning at which the place may change.

    With several cycles they end at the beginning of the last one.
    """
    now, horizon = existing[0].begins, existing[-1].begins
    if len(existing) == 1 and not existing[0].lifts:
        return [at for at in halvings(situation, policy) if at > now]
    bounds = {
        at for cycle in existing for lift in cycle.lifts for at in (lift.begins, lift.ends) if at
    }
    ahead = sorted(at for at in {*bounds, *halvings(situation, policy)} if at > now)
    return [at for at in ahead if at <= horizon] if len(existing) > 1 else ahead
