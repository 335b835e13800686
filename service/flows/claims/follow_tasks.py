"""A client has just bought, or talked with somebody: their call tasks end or move (rule B14).

After the claim has ended, in a transaction of its own: the client's leads are locked first, then
the card. What fails is only logged: the tasks are as they were.
"""

from datetime import datetime

import structlog

from service.flows.leads.settle_unheld import settle_unheld
from service.flows.leads.update_customer import close_task, number_of_client
from service.flows.line.place_held import place_when_due
from service.flows.line.show_in_line import show_all_in_line
from service.leads.errors import NextleadError
from service.leads.lead import FREE, Lead, ParkedFor, State
from service.leads.settlement import Outcome
from service.resources import Resources
from service.rules.call_again import CallAgain
from service.rules.policy import TasksAfter
from service.storage.customers.customers import locked_open_leads
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import alter, move

log = structlog.get_logger()


async def follow_tasks(resources: Resources, ended: Lead, outcome: Outcome) -> None:
    """Let the other call tasks of a lead's client follow what was reported of it."""
    external_id = number_of_client(ended)
    if external_id is None:
        return
    rules = (await resources.stores.bases.of(ended.signal.queue)).policy.call_tasks
    what = rules.after_sale if outcome is Outcome.WON else rules.after_talk
    if what is TasksAfter.STAY:
        return
    now = resources.clock.now()
    try:
        async with resources.stores.database.transaction() as connection:
            leads = await locked_open_leads(connection, external_id)
            tasks = [item for item in leads if _is_to_follow(item, ended)]
            if what is TasksAfter.END:
                changed = [await _end(connection, item, ended, now) for item in tasks]
            else:
                until = now + rules.moved_by
                changed = [
                    await _put_off(connection, resources, item, until, now) for item in tasks
                ]
    except NextleadError as error:
        log.warning("tasks.not_followed", lead_id=str(ended.id), why=str(error))
    else:
        await show_all_in_line(resources, changed)


def _is_to_follow(lead: Lead, ended: Lead) -> bool:
    return lead.signal.task is not None and lead.id != ended.id and lead.state in FREE


async def _end(connection: Connection, task: Lead, ended: Lead, now: datetime) -> Lead:
    details = {"outcome": Outcome.CANCELLED.value, "lead": str(ended.id)}
    event = LeadEvent("lead.settled", now, "nextlead", "the client has bought (B14)", details)
    settled = await settle_unheld(connection, task, Outcome.CANCELLED, event)
    await close_task(connection, settled, now)
    return settled


async def _put_off(
    connection: Connection, resources: Resources, task: Lead, until: datetime, now: datetime
) -> Lead:
    """Not before its client had time; one that would be out of date by then stays."""
    terms = task.signal.task
    assert terms is not None, "only call tasks come here"
    if until >= terms.expires_at or (task.parked_until is not None and task.parked_until >= until):
        return task
    basis = await resources.stores.bases.of(task.signal.queue)
    again = CallAgain(until, ParkedFor.LATER)
    columns = place_when_due(task, basis, again, terms.operator)
    details = {"for": again.parked_for.value, "until": until}
    event = LeadEvent("lead.parked", now, "nextlead", "the client has just talked (B14)", details)
    if task.state is State.PARKED:
        return await alter(connection, task, event, columns)
    return await move(connection, task, State.PARKED, event, columns)
