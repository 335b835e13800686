"""Show how a candidate policy would reorder the line now; nothing moves, nothing is written.

Every waiting lead is read from Postgres and ranked again, a few at a time, so that other requests
are served meanwhile. Leads that come or go during the preview may be missing from it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from service.flows.policies.check_text import check_text
from service.leads.lead import Lead, Ranking, State
from service.policies.reading import read_policy
from service.ranking.comparison import (
    Comparison,
    Move,
    RankChange,
    RankedChange,
    Spot,
    changes,
    compare,
)
from service.ranking.likely_loss import LeadWorth
from service.ranking.reranking import rerank_lead
from service.resources import Resources
from service.rules.policy import Mode, Policy
from service.storage.leads.leads import find_many
from service.storage.leads.reranking import waiting
from service.storage.policies.queue_context import QueueContext
from service.storage.queues.rush import operators_on_shift

MAX_LEADS = 100_000
PAGE = 200
SLICE = 5  # leads ranked before other tasks run: a few milliseconds


@dataclass(frozen=True, slots=True)
class Preview:
    """What a candidate would do to a queue's line.

    `complete` is False when more leads wait than were compared. `reasons` names, by lead id, what
    differs for the greatest moves. The comparison is of the `mode` in force, calm or rush.
    `other_mode` compares the same line under both policies' numbers of the other mode; it is None
    where neither policy has a rush. `operators` is how many operators work on the line, at least
    one.
    """

    queue: str
    at: datetime
    policy_version: int
    complete: bool
    comparison: Comparison
    reasons: Mapping[UUID, Sequence[RankedChange]]
    mode: Mode = Mode.CALM
    other_mode: Comparison | None = None
    operators: float = 1.0


@dataclass(frozen=True, slots=True)
class _Trial:
    """A candidate policy and the moment at which leads are ranked by it.

    `instead` is the policy in force in the other mode; it is set to compare that mode.
    """

    candidate: Policy
    basis: QueueContext
    now: datetime
    instead: Policy | None = None

    def rank_lead(self, lead: Lead) -> Ranking:
        """Rank the lead by the candidate."""
        return self._rank(lead, self.candidate)

    def change_of(self, lead: Lead) -> RankChange:
        """Compare the lead's rank now, or in the other mode, with its rank by the candidate."""
        before = lead.ranking if self.instead is None else self._rank(lead, self.instead)
        after = self.rank_lead(lead)
        return RankChange(lead.id, _spot(before), _spot(after), _prospect(after))

    def _rank(self, lead: Lead, policy: Policy) -> Ranking:
        rush = self.basis.rush or lead.situation.rush
        situation = replace(lead.situation, rush=rush)
        return rerank_lead(lead, situation, policy, self.now, self.basis.observed)


async def preview_policy(
    resources: Resources, queue: str, text: str, limit: int = MAX_LEADS
) -> Preview:
    """Compare the line with the line under a candidate; raises InvalidRequest, QueueNotFound."""
    basis, now = await resources.stores.bases.of(queue), resources.clock.now()
    await check_text(resources, text)
    candidate = await asyncio.to_thread(read_policy, text, basis.policy.version + 1)
    trials, mode = await _trials(resources, queue, candidate, basis, now)
    shifts, complete = await _shifts(resources, queue, trials, limit)
    operators = max(1.0, await _on_shift(resources, queue, now))
    compared = [await asyncio.to_thread(compare, each, operators) for each in shifts]
    reasons = await _reasons(resources, trials[0], compared[0].greatest)
    return Preview(
        queue=queue,
        at=now,
        policy_version=basis.policy.version,
        complete=complete,
        comparison=compared[0],
        reasons=reasons,
        mode=mode,
        other_mode=compared[1] if len(compared) > 1 else None,
        operators=operators,
    )


async def _trials(
    resources: Resources, queue: str, candidate: Policy, basis: QueueContext, now: datetime
) -> tuple[list[_Trial], Mode]:
    """Make a trial for the mode in force, and one for the other mode where either policy has it."""
    mode = Mode.RUSH if basis.policy.rush_number % 2 else Mode.CALM
    other = Mode.CALM if mode is Mode.RUSH else Mode.RUSH
    trials = [_Trial(candidate.in_mode(mode), basis, now)]
    in_force = await resources.stores.bases.policy(queue, basis.policy.version)
    if candidate.rush is not None or in_force.rush is not None:
        trials.append(_Trial(candidate.in_mode(other), basis, now, in_force.in_mode(other)))
    return trials, mode


async def _on_shift(resources: Resources, queue: str, now: datetime) -> float:
    async with resources.stores.database.transaction() as connection:
        return (await operators_on_shift(connection, now)).get(queue, 0.0)


async def _shifts(
    resources: Resources, queue: str, trials: Sequence[_Trial], limit: int
) -> tuple[list[list[RankChange]], bool]:
    shifts: list[list[RankChange]] = [[] for _ in trials]
    after = UUID(int=0)
    while leads := await waiting(resources.stores.database, queue, after, PAGE):
        for number, lead in enumerate(leads):
            if len(shifts[0]) == limit:
                return shifts, False
            for trial, changes_of_trial in zip(trials, shifts, strict=True):
                changes_of_trial.append(trial.change_of(lead))
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
        after = leads[-1].id
    return shifts, True


async def _reasons(
    resources: Resources, trial: _Trial, moves: Sequence[Move]
) -> dict[UUID, list[RankedChange]]:
    """Explain why some leads move. These are read again: all explanations at once are large."""
    ids = [move.shift.lead_id for move in moves]
    async with resources.stores.database.transaction() as connection:
        leads = await find_many(connection, ids)
    return {
        lead.id: changes(lead.ranking, trial.rank_lead(lead))
        for lead in leads
        if lead.state is State.WAITING
    }


def _prospect(ranking: Ranking) -> LeadWorth:
    patience = float(ranking.explanation["patience_minutes"])  # type: ignore[arg-type]
    return LeadWorth(ranking.cost_per_minute * patience, patience, ranking.work_minutes)


def _spot(ranking: Ranking) -> Spot:
    return Spot(ranking.kind, ranking.rank, ranking.cost_per_minute)
