"""An operator parks a lead until a time that they choose.

Postgres first, guarded by the token, with the event; then the line, which brings the lead back.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.flows.claims.end_claim import end_claim
from service.flows.claims.pause_held import let_held_go_on
from service.flows.line.place_held import place_when_due
from service.flows.line.show_in_line import show_in_line
from service.leads.claim_end import ClaimEnd, EndVerb
from service.leads.errors import InvalidRequest
from service.leads.lead import Claim, Lead, ParkedFor, State
from service.leads.settlement import check_until
from service.resources import Resources
from service.rules.call_again import call_again_in_hours
from service.storage.leads.endings import EndOfClaim, end_of_claim
from service.storage.leads.held_leads import HeldLead
from service.storage.leads.history import LeadEvent


@dataclass(frozen=True, slots=True)
class Parking:
    """The end of the parking, and the note for the operator who takes the lead then (rule A22)."""

    until: datetime
    note: str


async def park_claim(resources: Resources, lead_id: UUID, token: str, parking: Parking) -> Lead:
    """Park the lead; when it is due, it waits with its own kind (A13).

    Raises ClaimGone. Raises InvalidRequest for a time that is past or beyond the policy's bound.
    """
    now, end = resources.clock.now(), ClaimEnd(EndVerb.PARK, parking)

    async def decide(held: HeldLead, claim: Claim) -> EndOfClaim:
        basis = await resources.stores.bases.of(held.lead.signal.queue)
        if mistakes := [*check_until(parking.until, now, basis.policy.farthest_callback)]:
            raise InvalidRequest(mistakes)
        again = call_again_in_hours(parking.until, ParkedFor.LATER, basis.policy)
        place = place_when_due(held.lead, basis, again, claim.operator)
        details = {"for": again.parked_for.value, "until": again.at, "note": parking.note}
        event = LeadEvent("lead.parked", now, claim.operator, None, details)
        return end_of_claim(held, end, State.PARKED, event, place | {"note": parking.note})

    lead, ended, _ = await end_claim(resources, (lead_id, token), end, now, decide)
    if ended is not None:
        resources.stores.attendance.seen(ended.claim.operator, now)
        await show_in_line(resources, lead)
        await let_held_go_on(resources, ended.claim)
    return lead
