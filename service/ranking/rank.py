"""The whole order in one number: stage, score and tie-break, exact in a double.

rank = (stage · 10001 + round(100 · score)) · 2²⁹ + tie,   below 2⁵³
tie  = seconds since 2026-01-01 UTC where the newest go first, else 2²⁹−1 minus that
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice

from service.leads.lead import (
    Intent,
    Kind,
    Outcomes,
    Ranking,
    RankingInput,
    Step,
)
from service.leads.unchanging import unchanging
from service.ranking.explanation import explain
from service.ranking.index import (
    IndexTerms,
    patience_of,
    share_at,
    shares_of,
    work_minutes,
)
from service.ranking.lateness import late_at
from service.ranking.owner_time import lanes_in_time
from service.ranking.score import (
    Finding,
    Hurry,
    Score,
    find_budget,
    find_chance,
    scale,
    score,
)
from service.ranking.stage import base_stage, highest_lift, is_deadline, lifted
from service.ranking.timeline import MAX_STEPS, Cycle, Lift, cycles, moments
from service.ranking.worth import (
    chance_at,
    is_refusal,
    loses_chance,
    unpaid_moments,
    worthy_budget,
    worthy_chance,
    worthy_urgency,
)
from service.rules.need import Need, understand
from service.rules.policy import Policy, Ties
from service.rules.returns import has_stage_of_return, is_first_of_stage

TIES = 2**29
SCORES = 10_001
FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_POINTS = Decimal(100)  # goes before all other leads of the stage
FEW_CYCLES, MANY_CYCLES = 3, 60
PROTECTING = frozenset({"A8", "A11", "B1"})  # a missed call, a due promise, a pin

Observed = Mapping[tuple[Kind, Intent], Outcomes]
NOTHING_OBSERVED: Observed = {}


@unchanging
class Place:
    """The place of a lead at one moment."""

    score: Decimal
    stage: Finding
    rank: int
    lane: str
    protected: bool
    behind: bool


Change = tuple[datetime, Place]
"""A moment, and the new place of a lead from then on."""


class Ranker:
    """Ranks one need under a policy, for now and for later moments."""

    def __init__(self, need: Need, policy: Policy, chance: Finding, now: datetime) -> None:
        self._need, self._policy, self._now = need, policy, now
        self._hurry = Hurry(need, policy)
        self._is_refusal = is_refusal(need)
        self._chance = worthy_chance(chance, need, policy)
        self._budget = worthy_budget(find_budget(need, policy), need)
        self._unpaid = unpaid_moments(need, policy, now)
        self._loses_chance = loses_chance(need, policy)
        self._work = work_minutes(need, policy)
        self._shares = shares_of(need, policy)
        self._changes = bool(self._shares or self._unpaid) or not self._hurry.is_steady
        self.score = self._score_at(now)
        self._base = base_stage(need, policy)
        self._protected = need.signal.live or self._base.rule in PROTECTING
        self._tie = _tie_of_need(need, policy)
        self._first = is_first_of_stage(need.situation, policy)
        self._cycles = self._next_cycles(FEW_CYCLES)
        self._lanes = lanes_in_time(need, policy)
        self.present = self._place(now, self.score.score)

    def timeline(self) -> tuple[Step, ...]:
        """The next changes of place that time alone will bring, in order.

        After each step the lead is ranked again, and later steps are predicted then.
        """
        return tuple(_step(at, place) for at, place in self.changes())

    def changes(self) -> Iterator[Change]:
        """The same changes as places. Each is computed when it is asked for: most never happen."""
        found = self._next_changes()
        first = next(found, None)
        if first is None and len(self._cycles) == FEW_CYCLES:  # none is soon, but one may be later
            self._cycles = self._next_cycles(MANY_CYCLES)
            found = self._next_changes()
            first = next(found, None)
        if first is not None:
            yield first
            yield from islice(found, MAX_STEPS - 1)

    def _next_changes(self) -> Iterator[Change]:
        before = self.present
        for at in self._moments():
            place = self._place(at, self._points_at(at) if self._changes else before.score)
            if place.rank != before.rank or place_of(place) != place_of(before):
                yield at, place
            before = place

    def _place(self, at: datetime, points: Decimal) -> Place:
        """Where the lead stands at a moment from now on, with the score of that moment."""
        lifts = self._lifts_of(at)
        lift = highest_lift(self._base, lifts, at) if lifts else None
        stage = self._base if lift is None else lifted(lift)
        shown = FIRST_POINTS if self._first and lift is None else points
        rank = pack(int(stage.value), shown, self._tie)
        protected = self._protected if lift is None else is_deadline(lift) or self._protected
        behind = bool(self._shares) and self._shares[-1][0] <= at
        return Place(points, stage, rank, self._lanes.at(at), protected, behind)

    def _lifts_of(self, at: datetime) -> Sequence[Lift]:
        if len(self._cycles) == 1:
            return self._cycles[0].lifts
        return next(item for item in reversed(self._cycles) if item.begins <= at).lifts

    def _moments(self) -> Sequence[datetime]:
        existing = moments(self._need.situation, self._policy, self._cycles)
        others = [*(at for at, _ in self._shares), *self._unpaid_within()]
        if self._lanes.passes_on_at is not None:
            others.append(self._lanes.passes_on_at)
        ahead = [at for at in others if at > self._now]
        return sorted({*existing, *ahead}) if ahead else existing

    def _unpaid_within(self) -> Sequence[datetime]:
        """The moments until the last cycle begins: only its beginning is predicted."""
        horizon = self._cycles[-1].begins
        bounded = len(self._cycles) > 1
        return [at for at in self._unpaid if not bounded or at <= horizon]

    def _next_cycles(self, limit: int) -> list[Cycle]:
        """The cycles from now on; only one when no escalation can lift the lead."""
        need, policy = self._need, self._policy
        is_steady = need.intent is Intent.OTHER or has_stage_of_return(need.situation, policy)
        if is_steady or all(
            escalation.stage <= self._base.value
            for escalation in policy.kinds[need.kind].escalations
        ):
            return [Cycle(self._now, ())]
        return cycles(need.situation, need.kind, policy, self._now, limit)

    def _score_at(self, at: datetime) -> Score:
        """The score of a moment with everything that it was computed from."""
        policy, urgency = self._policy, self._urgency_at(at)
        patience = patience_of(self._need, urgency.value, policy)
        share = share_at(self._shares, at)
        terms = IndexTerms(patience, self._work, policy.index.weight, share)
        return score(self._chance_at(at), self._budget, urgency, terms, policy)

    def _points_at(self, at: datetime) -> Decimal:
        """The score of a moment alone: of the time to come nobody asks what it is made of."""
        patience, work, weight, _ = self.score.terms
        if not self._hurry.is_steady:
            patience = patience_of(self._need, self._urgency_of(at), self._policy)
        terms = IndexTerms(patience, work, weight, share_at(self._shares, at))
        return scale(terms.of(self._chance_at(at).value, self._budget.value), self._policy)

    def _chance_at(self, at: datetime) -> Finding:
        if not self._loses_chance:
            return self._chance
        return chance_at(self._chance, self._need, self._policy, at)

    def _urgency_of(self, at: datetime) -> float:
        """The urgency of a moment alone."""
        least = self._policy.client.refusal_urgency if self._is_refusal else None
        urgency = self._hurry.value_at(at)
        return urgency if least is None else max(urgency, least)

    def _urgency_at(self, at: datetime) -> Finding:
        return worthy_urgency(self._hurry.at(at), self._need, self._policy)


def rank_lead(
    situation: RankingInput,
    policy: Policy,
    now: datetime,
    observed: Observed = NOTHING_OBSERVED,
    reading: str | None = None,
) -> Ranking:
    """The place of a lead at `now`, and its predicted changes.

    `observed` counts how claims ended, by kind and intent. Where the policy learns, the counts of
    this lead's kind and intent correct its chance. A `reading` that an earlier ranking kept is used
    if it still holds.
    """
    return rank_understood(understand(situation, policy, reading), policy, now, observed)


def rank_understood(
    need: Need, policy: Policy, now: datetime, observed: Observed = NOTHING_OBSERVED
) -> Ranking:
    """Rank a need that was already read; see `rank_lead`."""
    outcomes = observed.get((need.kind, need.intent)) if policy.learning.enabled else None
    chance = find_chance(need, policy, outcomes)
    ranker = Ranker(need, policy, chance, now)
    place, found = ranker.present, ranker.score
    return Ranking(
        kind=need.kind,
        stage=int(place.stage.value),
        score=found.score,
        cost_per_minute=found.cost_per_minute,
        rank=place.rank,
        lane=place.lane,
        policy_version=policy.version,
        explanation=explain(need, found, place.stage, place.rank, place.lane, policy),
        intent=need.intent,
        chance=found.chance.value,
        observed=outcomes,
        timeline=ranker.timeline(),
        late_at=late_at(need, policy),
        protected=place.protected,
        behind=place.behind,
        guaranteed=policy.guarantee_every is not None and need.intent is not Intent.OTHER,
        work_minutes=found.terms.work_minutes,
        rush_number=policy.rush_number,
        reading=need.kept,
    )


def places_of(
    need: Need, policy: Policy, now: datetime
) -> tuple[Place, Iterator[Change], datetime | None]:
    """The place of a lead, its next places, and when it is late; without the explanation."""
    ranker = Ranker(need, policy, find_chance(need, policy, None), now)
    return ranker.present, ranker.changes(), late_at(need, policy)


def place_of(place: Place) -> tuple[int, str, bool, bool]:
    """The values whose change makes a step."""
    return place.rank, place.lane, place.protected, place.behind


def _step(at: datetime, place: Place) -> Step:
    stage = place.stage
    return Step(
        at=at,
        stage=int(stage.value),
        score=place.score,
        rank=place.rank,
        lane=place.lane,
        source=stage.source,
        rule=stage.rule,
        protected=place.protected,
        behind=place.behind,
    )


def _tie_of_need(need: Need, policy: Policy) -> int:
    """The tie-break: the last message where the newest go first, else the first one (rule A6)."""
    ties = policy.kinds[need.kind].ties
    at = need.situation.asked_at if ties is Ties.NEWEST else need.signal.received_at
    return tie_of(at, ties)


def tie_of(received_at: datetime, ties: Ties) -> int:
    """The tie-break number of a moment."""
    age = min(TIES - 1, max(0, (received_at - FIRST_MOMENT) // timedelta(seconds=1)))
    return age if ties is Ties.NEWEST else TIES - 1 - age


def pack(stage: int, points: Decimal, tie: int) -> int:
    """Stage 0…900, score 0.00…100.00 and age as one rank; a higher rank goes first."""
    return (stage * SCORES + int(points * 100)) * TIES + tie


def unpack(rank: int) -> tuple[int, Decimal]:
    """The stage and the score of a rank."""
    stage, hundredths = divmod(rank // TIES, SCORES)
    return stage, Decimal(hundredths) / 100
