"""An operator gives a lead back: it waits again in its old place.

Postgres first, guarded by the token, with the event; then the line.
"""

from uuid import UUID

from service.flows.claims.end_claim import end_claim
from service.flows.claims.pause_held import let_held_go_on
from service.flows.line.show_in_line import show_in_line
from service.leads.claim_end import ClaimEnd, EndVerb
from service.leads.lead import Claim, Lead, State
from service.resources import Resources
from service.storage.leads.endings import EndOfClaim, end_of_claim
from service.storage.leads.held_leads import HeldLead
from service.storage.leads.history import LeadEvent


async def release_claim(
    resources: Resources, lead_id: UUID, token: str, reason: str | None
) -> Lead:
    """Put the lead back in line; its age and rank stay. Raises ClaimGone."""
    now, end = resources.clock.now(), ClaimEnd(EndVerb.RELEASE, reason)

    async def decide(held: HeldLead, claim: Claim) -> EndOfClaim:
        event = LeadEvent("lead.released", now, claim.operator, reason)
        return end_of_claim(held, end, State.WAITING, event, {})

    lead, ended, _ = await end_claim(resources, (lead_id, token), end, now, decide)
    if ended is not None:
        await show_in_line(resources, lead)
        await let_held_go_on(resources, ended.claim)
    return lead
