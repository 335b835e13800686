"""Compute a claim again from what was stored, and show where the numbers differ.

Nothing changes. It uses the facts of the lead at the claim, the policy version that ranked it, and
the time of the claim.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from service.leads.errors import LeadNotFound
from service.leads.lead import Intent, Kind, Lead, Ranking, Step
from service.ranking.rank import NOTHING_OBSERVED, Observed, rank_lead
from service.ranking.sameness import Difference, compare
from service.resources import Resources
from service.rules.policy import Mode
from service.storage.leads.claim_events import ClaimEvent, find_claim, last_claim, lead_at_claim
from service.storage.leads.leads import find


@dataclass(frozen=True, slots=True)
class Replay:
    """A claim as it was stored, its ranking computed again, and the differences."""

    claim: ClaimEvent
    explanation: Mapping[str, Any]
    ranking: Ranking
    differences: Sequence[Difference]
    zone: ZoneInfo

    @property
    def steps(self) -> Sequence[Step]:
        """The future changes of the rank as seen then, in the zone of the queue."""
        timeline = self.ranking.timeline
        return [replace(step, at=step.at.astimezone(self.zone)) for step in timeline]


async def replay_claim(resources: Resources, wanted: UUID | int) -> Replay:
    """Compute a claim again, by the number of its event or as the last claim of a lead.

    Raises LeadNotFound when there is no such lead or claim, or it stored too little. Raises
    PolicyNotFound when the version of the policy is gone.
    """
    async with resources.stores.database.transaction() as connection:
        if isinstance(wanted, int):
            claim = await find_claim(connection, wanted)
        else:
            await find(connection, wanted)
            claim = _made(await last_claim(connection, wanted), wanted)
        explanation = _stored(claim)
        lead = await lead_at_claim(connection, claim)
    version = explanation.get("policy_version", 0)
    written = await resources.stores.bases.policy(lead.signal.queue, version)
    policy = written.in_mode(Mode(explanation.get("mode", Mode.CALM)))
    ranking = rank_lead(lead.situation, policy, claim.at, _observed(lead))
    differences = compare(explanation, claim.decision, ranking)
    return Replay(claim, explanation, ranking, differences, policy.hours.timetable.zone)


def _made(claim: ClaimEvent | None, lead_id: UUID) -> ClaimEvent:
    if claim is None:
        raise LeadNotFound(f"Nobody has claimed the lead {lead_id} yet.")
    return claim


def _stored(claim: ClaimEvent) -> Mapping[str, Any]:
    if claim.explanation is None or claim.situation is None:
        raise LeadNotFound(f"The claim {claim.id} was stored without what it was made from.")
    return claim.explanation


def _observed(lead: Lead) -> Observed:
    """The outcomes that the lead was ranked by, for every kind and intent."""
    outcomes = lead.ranking.observed
    if outcomes is None:
        return NOTHING_OBSERVED
    return {(kind, intent): outcomes for kind in Kind for intent in Intent}
