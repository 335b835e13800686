"""An operator gives a lead back: it waits again, at the place that it had.

Postgres first, guarded by the token, with the event; then the line.
"""

from uuid import UUID

from service.flows.claims.claim_to_end import claim_to_end
from service.flows.claims.pause_held import let_held_go_on
from service.flows.line.show_in_line import show_in_line
from service.leads.claim_end import ClaimEnd, EndVerb
from service.leads.lead import Lead, State
from service.resources import Resources
from service.storage.leads.ended_claims import put_ended_claim
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import move


async def release_claim(
    resources: Resources, lead_id: UUID, token: str, reason: str | None
) -> Lead:
    """Put the lead back in line; its age and rank stay. Raises ClaimGone."""
    now, end = resources.clock.now(), ClaimEnd(EndVerb.RELEASE, reason)
    async with resources.stores.database.transaction() as connection:
        lead, claim = await claim_to_end(connection, lead_id, token, end, now)
        if claim is None:
            return lead
        await put_ended_claim(connection, lead, claim, end, now)
        event = LeadEvent("lead.released", now, claim.operator, reason)
        lead = await move(connection, lead, State.WAITING, event, {})
    await show_in_line(resources, lead)
    await let_held_go_on(resources, claim)
    return lead
