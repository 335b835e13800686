"""A supervisor extends a call task (rule B14).

Postgres first: the lead with its event, then the client's card and their other leads.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from service.flows.leads.update_customer import store_on_card
from service.flows.line.show_in_line import show_in_line
from service.leads.errors import FieldMistake, InvalidRequest, MoveNotAllowed
from service.leads.lead import MOVES, Lead
from service.resources import Resources
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import alter, locked
from service.storage.rows import task_columns


async def extend_task(
    resources: Resources, lead_id: UUID, until: datetime, reason: str, author: str
) -> Lead:
    """Let a call task expire at another time.

    Raises MoveNotAllowed when the lead is no call task or is over, and InvalidRequest when the time
    is past.
    """
    now = resources.clock.now()
    if until <= now:
        mistake = FieldMistake("expires_at", "the time is past", "Give a time to come.")
        raise InvalidRequest([mistake])
    async with resources.stores.database.transaction() as connection:
        lead = await locked(connection, lead_id)
        task = lead.signal.task
        if task is None:
            raise MoveNotAllowed("The lead is no call task; only those expire.")
        if not MOVES[lead.state]:
            raise MoveNotAllowed(f"The call task is {lead.state}; post a new one.")
        details = {"before": task.expires_at, "after": until}
        event = LeadEvent("lead.extended", now, author, reason, details)
        columns = task_columns(replace(task, expires_at=until))
        lead = await alter(connection, lead, event, columns)
    await store_on_card(resources, lead, {}, author)
    await show_in_line(resources, lead)
    return lead
