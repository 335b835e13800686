"""Leads left at the end of a shift go to the duty operator, if there is one (B10, B20).

Postgres first, lead by lead, after its lease ended; then the line.
"""

from collections.abc import Sequence
from datetime import datetime

from service.flows.line.find_staff import find_staff
from service.flows.line.place_held import place_in_line
from service.flows.line.show_in_line import show_in_line
from service.leads.lead import State
from service.resources import Resources
from service.rules.staff import DUTY
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import alter, locked_if_free
from service.storage.leads.line_changes import EndedLease

TRANSFERRED = "lead.transferred"


async def leave_to_duty(resources: Resources, ended: Sequence[EndedLease]) -> None:
    """Let leads of holders who went off shift wait for the duty operator; others stay."""
    for lease in ended:
        lead = lease.lead
        basis = await resources.stores.bases.of(lead.signal.queue)
        staff = await find_staff(resources, lead.signal.queue)
        duty = staff.willing(frozenset({DUTY}), frozenset({lease.operator}))
        if basis.policy.duty.takes_what_is_left and lease.operator not in staff.at_work and duty:
            await _leave(resources, lease, resources.clock.now())


async def _leave(resources: Resources, lease: EndedLease, now: datetime) -> None:
    async with resources.stores.database.transaction() as connection:
        lead = await locked_if_free(connection, lease.lead.id)
        if lead is None or lead.state is not State.WAITING or lead.situation.routing.all_skills:
            return
        basis = await resources.stores.bases.of(lead.signal.queue)
        routing = lead.situation.routing.handed_to_skill(DUTY, lease.operator)
        changes = place_in_line(lead, routing, basis, now)
        details = {"from": lease.operator, "to": {"skill": DUTY}}
        reason = "left at the end of the shift"
        event = LeadEvent(TRANSFERRED, now, "nextlead", reason, details)
        lead = await alter(connection, lead, event, changes)
    await show_in_line(resources, lead)
