"""An operator hands a lead over in writing: to another operator, a skill or a queue (B10, B18).

Postgres first, guarded by the token, with the event; then the line.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from service.flows.claims.check_handover import Handover, check_handover, queue_of_handover
from service.flows.claims.claim_to_end import claim_to_end
from service.flows.claims.pause_held import let_held_go_on
from service.flows.leads.move_queue import columns_in_queue, know_client_there, show_moved
from service.flows.line.place_held import place_in_line
from service.flows.line.show_in_line import show_in_line
from service.leads.claim_end import ClaimEnd, EndVerb
from service.leads.lead import Lead, State
from service.leads.routing import Routing
from service.leads.show import both_shows
from service.resources import Resources
from service.storage.leads.ended_claims import put_ended_claim
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import move


async def transfer_claim(resources: Resources, lead_id: UUID, token: str, to: Handover) -> Lead:
    """Let the lead wait for another operator, for a skill, or in another queue; its age stays.

    The operator may be off shift: until they come, their lane is everybody's, so that anybody on
    duty takes the lead (B2, B10). An operator of another queue gets the lead there (B18). Raises
    ClaimGone, and InvalidRequest with every mistake.
    """
    now, end = resources.clock.now(), ClaimEnd(EndVerb.TRANSFER, to)
    async with resources.stores.database.transaction() as connection:
        lead, claim = await claim_to_end(connection, lead_id, token, end, now)
        if claim is None:
            return lead
        await check_handover(resources, lead, claim.operator, to)
        await put_ended_claim(connection, lead, claim, end, now)
        before, queue = lead.signal.queue, await queue_of_handover(resources, lead, to)
        routing = _handed(lead.situation.routing, claim.operator, to)
        changes = await _place(resources, lead, queue, routing, now)
        show = both_shows(lead.signal.show, to.show)
        changes |= {"note": to.note, "show": None if show is None else show.written}
        details = {"from": claim.operator, "to": {**to.target, "queue": queue}, "note": to.note}
        if queue == before:
            details["to"] = to.target
        event = LeadEvent("lead.transferred", now, claim.operator, to.note, details)
        lead = await move(connection, lead, State.WAITING, event, changes)
        if queue != before:
            await know_client_there(connection, lead)
    resources.stores.attendance.seen(claim.operator, now)
    if queue != before:
        await show_moved(resources, lead, before)
    else:
        await show_in_line(resources, lead)
    await let_held_go_on(resources, claim)
    return lead


def _handed(routing: Routing, giver: str, to: Handover) -> Routing:
    if to.operator is not None:
        return routing.handed_to_operator(to.operator)
    if to.skill is not None:
        return routing.handed_to_skill(to.skill, giver)
    return replace(routing, assigned_to=None)


async def _place(
    resources: Resources, lead: Lead, queue: str, routing: Routing, now: datetime
) -> dict[str, object]:
    if queue != lead.signal.queue:
        return await columns_in_queue(resources, lead, queue, routing)
    basis = await resources.stores.bases.of(queue)
    return place_in_line(lead, routing, basis, now)
