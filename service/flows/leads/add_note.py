"""Add a note about a talk with a client, with or without a claim (rule A22).

Writes Postgres only: a note does not move the lead in the line.
"""

from uuid import UUID

from service.flows.line.show_in_line import show_in_line
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.leads.answers import note_sign
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import alter
from service.storage.leads.merge_target import locked_merge_target

NOTED = "lead.noted"
MAX_NOTE = 8000


async def add_note(
    resources: Resources, lead_id: UUID, note: str, author: str, operator: str | None = None
) -> Lead:
    """Add a note to a lead in any state, or to the lead that it was merged into.

    The next operator sees it below the earlier notes; the oldest text beyond 8 000 characters is
    lost. An operator's note is a sign of life. Raises LeadNotFound and OperatorNotFound.
    """
    now = resources.clock.now()
    if operator is not None:
        await resources.stores.directory.operator(operator)
        resources.stores.attendance.seen(operator, now)
    async with resources.stores.database.transaction() as connection:
        lead = await locked_merge_target(connection, lead_id)
        event = LeadEvent(NOTED, now, operator or author, None, {"note": note, "by": author})
        whole = note if lead.note is None else f"{lead.note}\n{note}"
        lead = await alter(connection, lead, event, {"note": whole[-MAX_NOTE:]})
        await note_sign(connection, lead.id, now)
    await show_in_line(resources, lead)
    return lead
