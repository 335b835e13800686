"""Remind the head once of orders too long in work and of reservations that end (B7, B9).

It writes Postgres only, for each customer at most once an hour. The reminder and the queue's event
are committed together.
"""

from datetime import datetime, timedelta

from service.leads.context import CustomerContext, OrderInWork
from service.resources import Resources
from service.rules.order_deadlines import Reminder, find_reminders
from service.storage.customers.reminders import (
    lock_unlooked,
    mark_looked,
    note_reminder,
    queue_of_customer,
)
from service.storage.database import Connection
from service.storage.queues.queue_events import QueueEvent, append_queue_event

LOOK_EVERY = timedelta(hours=1)
BATCH = 200
MAX_BATCHES = 10


async def remind_of_orders(resources: Resources) -> None:
    """Check the orders of customers who were not checked for an hour."""
    for _ in range(MAX_BATCHES):
        now = resources.clock.now()
        async with resources.stores.database.transaction() as connection:
            found = await lock_unlooked(connection, now - LOOK_EVERY, BATCH)
            for external_id, context in found.items():
                await _look(connection, resources, external_id, context, now)
            await mark_looked(connection, list(found), now)
        if len(found) < BATCH:
            return


async def _look(
    connection: Connection,
    resources: Resources,
    external_id: str,
    context: CustomerContext,
    now: datetime,
) -> None:
    bases, own = (
        await resources.stores.bases.all(),
        await queue_of_customer(connection, external_id),
    )
    for order in context.orders:
        queue = own or await _queue_of(resources, order) or min(bases)
        for reminder in find_reminders(order, bases[queue].policy.follow_ups, now):
            if await note_reminder(connection, external_id, reminder):
                event = _event(queue, external_id, reminder, now)
                await append_queue_event(connection, event)


async def _queue_of(resources: Resources, order: OrderInWork) -> str | None:
    """The first queue of the order's operator."""
    existing = (await resources.stores.directory.operators()).get(order.operator or "")
    return existing.queues[0] if existing else None


def _event(queue: str, external_id: str, reminder: Reminder, now: datetime) -> QueueEvent:
    order = reminder.order
    details = {
        "customer": external_id,
        "order": order.number,
        "operator": order.operator,
        "opened_at": order.opened_at,
        "reserved_until": order.reserved_until,
        "reason": order.reason,
    }
    return QueueEvent(queue, reminder.type, now, "nextlead", details)
