"""A lead moves to another queue, because a region works with its own clients (rule B18).

Postgres first: the place by the other queue's policy, the owner there, and the event. Then both
lines. Later signals of the client still find the lead, in either queue.
"""

from dataclasses import replace
from uuid import UUID

from service.flows.leads.route_lead import route_situation
from service.flows.line.show_in_line import leave_line, show_in_line
from service.flows.line.watch_staff import watch_new_lead
from service.leads.errors import FieldMistake, InvalidRequest, MoveNotAllowed, QueueNotFound
from service.leads.lead import Lead, State
from service.leads.routing import Routing
from service.ranking.rank import rank_lead
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import add_marks, marks_of_leads
from service.storage.leads.leads import alter
from service.storage.leads.merge_target import locked_merge_target
from service.storage.rows import input_columns, ranking_columns

TRANSFERRED = "lead.transferred"


async def move_lead(resources: Resources, lead_id: UUID, queue: str, author: str) -> Lead:
    """Move a waiting lead to another queue; its age stays. Nothing changes in the same queue.

    Raises MoveNotAllowed when the lead does not wait. Raises InvalidRequest when the queue is
    unknown or closed.
    """
    await check_open_queue(resources, queue)
    async with resources.stores.database.transaction() as connection:
        lead = await locked_merge_target(connection, lead_id)
        before = lead.signal.queue
        if before == queue:
            return lead
        if lead.state is not State.WAITING:
            raise MoveNotAllowed(f"The lead is {lead.state}; only a waiting one is moved.")
        details = {"from": before, "to": {"queue": queue}}
        event = LeadEvent(TRANSFERRED, resources.clock.now(), author, None, details)
        columns = await columns_in_queue(resources, lead, queue, lead.situation.routing)
        lead = await alter(connection, lead, event, columns)
        await know_client_there(connection, lead)
    await show_moved(resources, lead, before)
    return lead


async def check_open_queue(resources: Resources, queue: str) -> None:
    """Raise InvalidRequest unless the queue exists and takes leads."""
    try:
        found = await resources.stores.directory.queue(queue)
    except QueueNotFound as error:
        remedy = "Name one of GET /v1/queues."
        raise InvalidRequest([FieldMistake("queue", str(error), remedy)]) from error
    if found.closed_at is not None:
        remedy = "Name another, or open it again."
        raise InvalidRequest([FieldMistake("queue", f"`{queue}` is closed", remedy)])


async def columns_in_queue(
    resources: Resources, lead: Lead, queue: str, routing: Routing
) -> dict[str, object]:
    """The columns of a locked lead in another queue; operators' refusals do not count there."""
    basis, now = await resources.stores.bases.of(queue), resources.clock.now()
    there = replace(routing, declined_by=(), asked_skills=frozenset())
    signal = replace(lead.signal, queue=queue)
    situation = replace(lead.situation, signal=signal, routing=there, rush=basis.rush)
    situation = await route_situation(resources, situation, basis, now)
    ranking = rank_lead(situation, basis.policy, now, basis.observed)
    return {**input_columns(situation), **ranking_columns(ranking), "offer_again_at": None}


async def know_client_there(connection: Connection, lead: Lead) -> None:
    """Let the new queue recognise the moved lead's client."""
    marks = await marks_of_leads(connection, [lead.id])
    await add_marks(connection, lead, marks[lead.id])


async def show_moved(resources: Resources, lead: Lead, before: str) -> None:
    """Update both lines, and check whether an operator of the new queue may take the lead."""
    await leave_line(resources, before, lead)
    await show_in_line(resources, lead)
    await watch_new_lead(resources, lead)
