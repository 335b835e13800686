"""An operator activates a call task before closing it and is credited with the order (rule B17).

Writes Postgres only: the lead with its event, then the client's card, which credits later orders.
"""

from dataclasses import replace
from uuid import UUID

from service.flows.claims.locked_claim import locked_claim
from service.flows.leads.update_customer import number_of_client, task_id
from service.flows.line.show_in_line import show_in_line
from service.leads.card import with_task_activated
from service.leads.errors import MoveNotAllowed
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.customers.customers import locked_card, put_card
from service.storage.leads.history import LeadEvent, happened
from service.storage.leads.leads import alter

ACTIVATED = "task.activated"


async def activate_task(resources: Resources, lead_id: UUID, token: str) -> Lead:
    """Credit the task's operator with the client's orders; a repetition changes nothing.

    Raises ClaimGone. Raises MoveNotAllowed when the lead is no call task or another operator's
    task.
    """
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        lead, claim = await locked_claim(connection, lead_id, token)
        task = lead.signal.task
        if task is None:
            raise MoveNotAllowed("The lead is no call task; only those are activated.")
        if task.operator != claim.operator:
            raise MoveNotAllowed(f"It is a task of {task.operator}, who alone may activate it.")
        if await happened(connection, lead.id, ACTIVATED):
            return lead
        details = {"operator": claim.operator, "credited_to": claim.operator}
        event = LeadEvent(ACTIVATED, now, claim.operator, None, details)
        lead = await alter(connection, lead, event, {"credited_to": claim.operator})
        external_id = number_of_client(lead)
        card = await locked_card(connection, external_id) if external_id else None
        if card is not None:
            context = with_task_activated(card.context, task_id(lead), now)
            await put_card(connection, replace(card, context=context), now)
    resources.stores.attendance.seen(claim.operator, now)
    await show_in_line(resources, lead)
    return lead
