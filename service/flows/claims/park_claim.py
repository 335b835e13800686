"""An operator puts a lead aside until a time that they choose.

Postgres first, guarded by the token, with the event; then the line, which brings it back itself.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.flows.claims.claim_to_end import claim_to_end
from service.flows.claims.pause_held import let_held_go_on
from service.flows.line.place_held import place_when_due
from service.flows.line.show_in_line import show_in_line
from service.leads.claim_end import ClaimEnd, EndVerb
from service.leads.errors import InvalidRequest
from service.leads.lead import Lead, ParkedFor, State
from service.leads.settlement import check_until
from service.resources import Resources
from service.rules.call_again import call_again_in_hours
from service.storage.leads.ended_claims import put_ended_claim
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import move


@dataclass(frozen=True, slots=True)
class Parking:
    """Until when a lead is put aside, and what whoever takes it then is to know (rule A22)."""

    until: datetime
    note: str


async def park_claim(resources: Resources, lead_id: UUID, token: str, parking: Parking) -> Lead:
    """Park the lead; when it is due, it waits as what it is (A13).

    Raises ClaimGone, and InvalidRequest for a time that is past or beyond the policy's bound.
    """
    now, end = resources.clock.now(), ClaimEnd(EndVerb.PARK, parking)
    async with resources.stores.database.transaction() as connection:
        lead, claim = await claim_to_end(connection, lead_id, token, end, now)
        if claim is None:
            return lead
        basis = await resources.stores.bases.of(lead.signal.queue)
        if mistakes := [*check_until(parking.until, now, basis.policy.farthest_callback)]:
            raise InvalidRequest(mistakes)
        again = call_again_in_hours(parking.until, ParkedFor.LATER, basis.policy)
        await put_ended_claim(connection, lead, claim, end, now)
        changes = place_when_due(lead, basis, again, claim.operator) | {"note": parking.note}
        details = {"for": again.parked_for.value, "until": again.at, "note": parking.note}
        event = LeadEvent("lead.parked", now, claim.operator, None, details)
        lead = await move(connection, lead, State.PARKED, event, changes)
    resources.stores.attendance.seen(claim.operator, now)
    await show_in_line(resources, lead)
    await let_held_go_on(resources, claim)
    return lead
