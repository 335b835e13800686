"""An operator declines a lead: it waits again, for other operators.

Postgres first, guarded by the token, with the event; then the line.
"""

from uuid import UUID

from service.flows.claims.claim_to_end import claim_to_end
from service.flows.claims.pause_held import let_held_go_on
from service.flows.line.offer_again import note_declined_by_all
from service.flows.line.place_held import place_in_line
from service.flows.line.show_in_line import show_in_line
from service.leads.claim_end import ClaimEnd, EndVerb
from service.leads.lead import Lead, State
from service.resources import Resources
from service.storage.leads.ended_claims import put_ended_claim
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import move


async def decline_claim(resources: Resources, lead_id: UUID, token: str, reason: str) -> Lead:
    """Put the lead in a lane that does not serve the operator; its age stays.

    A lead that they own leaves their lane. Raises ClaimGone. Raises MoveNotAllowed for the 21st
    operator who declines the lead.
    """
    now, end = resources.clock.now(), ClaimEnd(EndVerb.DECLINE, reason)
    async with resources.stores.database.transaction() as connection:
        lead, claim = await claim_to_end(connection, lead_id, token, end, now)
        if claim is None:
            return lead
        await put_ended_claim(connection, lead, claim, end, now)
        routing = lead.situation.routing.declined(claim.operator)
        basis = await resources.stores.bases.of(lead.signal.queue)
        changes = place_in_line(lead, routing, basis, now) | {"offer_again_at": None}
        event = LeadEvent("lead.declined", now, claim.operator, reason)
        lead = await move(connection, lead, State.WAITING, event, changes)
        lead = await note_declined_by_all(connection, resources, lead)
    resources.stores.attendance.seen(claim.operator, now)
    await show_in_line(resources, lead)
    await let_held_go_on(resources, claim)
    return lead
