"""An operator declines a lead: it waits again, for others.

Postgres first, guarded by the token, with the event; then the line.
"""

from uuid import UUID

from service.flows.claims.locked_claim import locked_claim
from service.flows.claims.pause_held import let_held_go_on
from service.flows.line.place_held import place_in_line
from service.flows.line.show_in_line import show_in_line
from service.leads.lead import Lead, State
from service.resources import Resources
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import move


async def decline_claim(resources: Resources, lead_id: UUID, token: str, reason: str) -> Lead:
    """Put the lead back in a lane from which he is not served; its age stays.

    Who declines his own lead loses it: it leaves his lane. Raises ClaimGone, and MoveNotAllowed
    for the 21st who declines.
    """
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        lead, claim = await locked_claim(connection, lead_id, token)
        routing = lead.situation.routing.declined(claim.operator)
        basis = await resources.stores.bases.of(lead.signal.queue)
        changes = place_in_line(lead, routing, basis, now)
        event = LeadEvent("lead.declined", now, claim.operator, reason)
        lead = await move(connection, lead, State.WAITING, event, changes)
    resources.stores.attendance.seen(claim.operator, now)
    await show_in_line(resources, lead)
    await let_held_go_on(resources, claim)
    return lead
