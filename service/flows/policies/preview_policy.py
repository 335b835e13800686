"""What a candidate policy would reorder in the line right now; nothing moves, nothing is written.

Every lead that waits is read from Postgres and ranked again at this moment, a few at a time, so
that others are served meanwhile. Leads that come or go while it is made may be missing from it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

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
from service.ranking.reranking import rerank_lead
from service.resources import Resources
from service.rules.policy import Policy
from service.storage.leads.leads import find_many
from service.storage.leads.reranking import waiting
from service.storage.policies.queue_context import QueueContext

MAX_LEADS = 100_000
PAGE = 200
SLICE = 50  # so many leads are ranked before others have their turn


@dataclass(frozen=True, slots=True)
class Preview:
    """What a candidate would do to a queue's line; `complete` unless more leads wait than it saw.

    `reasons` says what differs for the greatest moves, by the leads' ids.
    """

    queue: str
    at: datetime
    policy_version: int
    complete: bool
    comparison: Comparison
    reasons: Mapping[UUID, Sequence[RankedChange]]


@dataclass(frozen=True, slots=True)
class _Trial:
    """A candidate under which leads are ranked at one moment."""

    candidate: Policy
    basis: QueueContext
    now: datetime

    def rank_lead(self, lead: Lead) -> Ranking:
        """Where the lead would stand."""
        rush = self.basis.rush or lead.situation.rush
        situation = replace(lead.situation, rush=rush)
        return rerank_lead(lead, situation, self.candidate, self.now, self.basis.observed)


async def preview_policy(
    resources: Resources, queue: str, text: str, limit: int = MAX_LEADS
) -> Preview:
    """Compare the line with what it would be; raises InvalidRequest, QueueNotFound."""
    basis, now = await resources.stores.bases.of(queue), resources.clock.now()
    candidate = await asyncio.to_thread(read_policy, text, basis.policy.version + 1)
    trial = _Trial(candidate, basis, now)
    shifts, complete = await _shifts(resources, queue, trial, limit)
    comparison = await asyncio.to_thread(compare, shifts)
    reasons = await _reasons(resources, trial, comparison.greatest)
    return Preview(queue, now, basis.policy.version, complete, comparison, reasons)


async def _shifts(
    resources: Resources, queue: str, trial: _Trial, limit: int
) -> tuple[list[RankChange], bool]:
    shifts: list[RankChange] = []
    after = UUID(int=0)
    while leads := await waiting(resources.stores.database, queue, after, PAGE):
        for number, lead in enumerate(leads):
            if len(shifts) == limit:
                return shifts, False
            shifts.append(RankChange(lead.id, _spot(lead.ranking), _spot(trial.rank_lead(lead))))
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
        after = leads[-1].id
    return shifts, True


async def _reasons(
    resources: Resources, trial: _Trial, moves: Sequence[Move]
) -> dict[UUID, list[RankedChange]]:
    """Why the leads of some moves move: they are read again, all explanations at once are large."""
    ids = [move.shift.lead_id for move in moves]
    async with resources.stores.database.transaction() as connection:
        leads = await find_many(connection, ids)
    return {
        lead.id: changes(lead.ranking, trial.rank_lead(lead))
        for lead in leads
        if lead.state is State.WAITING
    }


def _spot(ranking: Ranking) -> Spot:
    return Spot(ranking.kind, ranking.rank, ranking.cost_per_minute)
