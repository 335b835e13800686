"""Ranks leads by a candidate policy, in the process for heavy work.

What comes and goes are texts of policies and rows of leads: they travel cheaply, and the process
remembers what it has compiled. Results wait as bytes, so that 100 000 of them cost the loop little.
"""

import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from service.leads.lead import EarlyStart, Lead, Ranking
from service.policies.reading import read_policy
from service.ranking.comparison import Comparison, RankChange, RankedChange, Spot, changes, compare
from service.ranking.likely_loss import LeadWorth
from service.ranking.rank import Observed
from service.ranking.reranking import rerank_lead
from service.rules.policy import Mode, Policy
from service.storage.rows import lead_of

REMEMBERED = 4
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy as text, with its version number."""

    text: str
    version: int


@dataclass(frozen=True, slots=True)
class Trial:
    """A candidate policy, and the mode and moment at which leads are ranked by it.

    `instead` is the policy in force when the mode is not the one in force: leads are then compared
    with their ranks by it, and not with the ranks that they have.
    """

    candidate: PolicyText
    mode: Mode
    observed: Observed
    rush: EarlyStart | None
    now: datetime
    instead: PolicyText | None = None

    def change_of(self, lead: Lead) -> RankChange:
        """Compare the lead's rank now, or in the other mode, with its rank by the candidate."""
        before = lead.ranking if self.instead is None else self._rank(lead, self.instead)
        after = self.rank(lead)
        return RankChange(lead.id, _spot(before), _spot(after), _prospect(after))

    def rank(self, lead: Lead) -> Ranking:
        """Rank the lead by the candidate."""
        return self._rank(lead, self.candidate)

    def _rank(self, lead: Lead, by: PolicyText) -> Ranking:
        policy = _compiled(by).in_mode(self.mode)
        situation = replace(lead.situation, rush=self.rush or lead.situation.rush)
        return rerank_lead(lead, situation, policy, self.now, self.observed)


def changes_of(trials: Sequence[Trial], rows: Rows) -> list[bytes]:
    """The changes of some leads under each trial."""
    leads = [lead_of(row) for row in rows]
    return [pickle.dumps([trial.change_of(lead) for lead in leads]) for trial in trials]


def compared(parts: Sequence[Sequence[bytes]], operators: float) -> list[Comparison]:
    """The comparison under each trial; `parts` are the results of `changes_of`."""
    return [compare(_joined(of_trial), operators) for of_trial in zip(*parts, strict=True)]


def reasons_of(trial: Trial, leads: Iterable[Lead]) -> dict[UUID, list[RankedChange]]:
    """Why leads move."""
    return {lead.id: changes(lead.ranking, trial.rank(lead)) for lead in leads}


def _joined(parts: Iterable[bytes]) -> list[RankChange]:
    return [change for part in parts for change in pickle.loads(part)]  # noqa: S301  our own


@lru_cache(REMEMBERED)
def _compiled(by: PolicyText) -> Policy:
    return read_policy(by.text, by.version)


def _prospect(ranking: Ranking) -> LeadWorth:
    patience = float(ranking.explanation["patience_minutes"])  # type: ignore[arg-type]
    return LeadWorth(ranking.cost_per_minute * patience, patience, ranking.work_minutes)


def _spot(ranking: Ranking) -> Spot:
    return Spot(ranking.kind, ranking.rank, ranking.cost_per_minute)
