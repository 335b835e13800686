"""After a client bought or talked with an operator, their call tasks end or move (rule B14).

It runs after the sale or talk is stored, in a transaction of its own, which locks the client's
leads first, then the card. A failure is only logged: the tasks stay as they were. When the
settlement is undone, its effects on tasks are undone too.
"""

from dataclasses import replace
from datetime import datetime

import structlog

from service.flows.leads.settle_unheld import settle_unheld
from service.flows.leads.update_customer import close_task, number_of_client, reopen_task
from service.flows.line.follow_time import follow_time
from service.flows.line.place_held import place_in_line, place_when_due
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
from service.storage.leads.reopening import Follower, followers_of, reopen

UNDONE = "the settlement that it followed from was undone"

log = structlog.get_logger()


async def follow_tasks(resources: Resources, ended: Lead, outcome: Outcome) -> None:
    """End or move the other call tasks of the lead's client, as the policy says."""
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
                    await _put_off(connection, resources, item, ended, (until, now))
                    for item in tasks
                ]
    except NextleadError as error:
        log.warning("tasks.not_followed", lead_id=str(ended.id), why=str(error))
    else:
        await show_all_in_line(resources, changed)


async def return_tasks(resources: Resources, reopened: Lead) -> None:
    """After an undone settlement, restore the client's call tasks that followed from it."""
    external_id = number_of_client(reopened)
    if external_id is None:
        return
    now = resources.clock.now()
    try:
        async with resources.stores.database.transaction() as connection:
            followed = await followers_of(connection, external_id, reopened.id)
            changed = [await _return(connection, resources, item, now) for item in followed]
    except NextleadError as error:
        log.warning("tasks.not_returned", lead_id=str(reopened.id), why=str(error))
    else:
        await show_all_in_line(resources, changed)


async def _return(
    connection: Connection, resources: Resources, followed: Follower, now: datetime
) -> Lead:
    """Let the task wait, or park it until its earlier time; if that has passed, it is due."""
    task, until = followed.lead, followed.parked_until
    basis = await resources.stores.bases.of(task.signal.queue)
    event = LeadEvent("lead.reopened", now, "nextlead", UNDONE)
    waits = {**place_in_line(task, task.situation.routing, basis, now), "parked_until": None}
    if task.state is State.SETTLED:
        await reopen_task(connection, task, followed.at, now)
        task = await reopen(connection, task, State.WAITING, event, waits)
    elif until is None:
        return await move(connection, task, State.WAITING, event, waits)
    if until is None or (until <= now and task.state is State.WAITING):
        return task
    situation = task.situation
    again = CallAgain(until, situation.parked_for or ParkedFor.LATER)
    columns = place_when_due(task, basis, again, situation.parked_by or "nextlead")
    if task.state is State.PARKED:
        parked = await alter(connection, task, event, columns)
        return await follow_time(connection, resources, parked, now)
    event = replace(event, type="lead.parked", details={"until": until})
    return await move(connection, task, State.PARKED, event, columns)


def _is_to_follow(lead: Lead, ended: Lead) -> bool:
    return lead.signal.task is not None and lead.id != ended.id and lead.state in FREE


async def _end(connection: Connection, task: Lead, ended: Lead, now: datetime) -> Lead:
    details = {"outcome": Outcome.CANCELLED.value, **_because_of(ended, task)}
    event = LeadEvent("lead.settled", now, "nextlead", "the client has bought (B14)", details)
    settled = await settle_unheld(connection, task, Outcome.CANCELLED, event)
    await close_task(connection, settled, now)
    return settled


def _because_of(ended: Lead, task: Lead) -> dict[str, object]:
    """Details by which the task is found again if the settlement is undone."""
    return {"lead": str(ended.id), "parked_before": task.parked_until}


async def _put_off(
    connection: Connection,
    resources: Resources,
    task: Lead,
    ended: Lead,
    times: tuple[datetime, datetime],
) -> Lead:
    """Park a task to give its client time; it stays if it would expire by then."""
    (until, now), terms = times, task.signal.task
    assert terms is not None, "only call tasks come here"
    if until >= terms.expires_at or (task.parked_until is not None and task.parked_until >= until):
        return task
    basis = await resources.stores.bases.of(task.signal.queue)
    again = CallAgain(until, ParkedFor.LATER)
    columns = place_when_due(task, basis, again, terms.operator)
    details = {"for": again.parked_for.value, "until": until, **_because_of(ended, task)}
    event = LeadEvent("lead.parked", now, "nextlead", "the client has just talked (B14)", details)
    if task.state is State.PARKED:
        return await alter(connection, task, event, columns)
    return await move(connection, task, State.PARKED, event, columns)
