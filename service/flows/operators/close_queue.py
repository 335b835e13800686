"""Close or open a queue: a closed one takes no new leads, but serves those it has (rule B18).

This writes Postgres only, with the event, under the lock of the queue's row.
"""

from dataclasses import replace

from service.flows.operators.change_queue import QueueRequest, change_queue
from service.leads.errors import MoveNotAllowed
from service.resources import Resources
from service.storage.operators.operators import Queue, find_queue, set_closed
from service.storage.queues.queue_events import QueueEvent, append_queue_event, lock_queue
from service.storage.senders.sources import sources_into

CLOSED, OPENED = "queue.closed", "queue.opened"


async def update_existing_queue(
    resources: Resources, request: QueueRequest, author: str, *, closed: bool | None
) -> Queue:
    """Change some fields of a queue, and whether it is closed; None leaves a value as it is.

    Raises QueueNotFound. Raises MoveNotAllowed when a source still delivers to a queue to be
    closed.
    """
    existing = await _existing(resources, request.name)
    if (request.title, request.currency, request.time_zone) != (None, None, None):
        asked = replace(request, title=request.title or existing.title)
        await change_queue(resources, asked, author)
    if closed is not None and closed != (existing.closed_at is not None):
        await _set_closed(resources, request.name, author, closed=closed)
    return await _existing(resources, request.name)


async def _existing(resources: Resources, name: str) -> Queue:
    async with resources.stores.database.transaction() as connection:
        return await find_queue(connection, name)


async def _set_closed(resources: Resources, name: str, author: str, *, closed: bool) -> None:
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        await lock_queue(connection, name)
        if closed and (sources := await sources_into(connection, name)):
            named = ", ".join(sources[:5])
            raise MoveNotAllowed(f"Sources deliver to it ({named}); let them name another queue.")
        await set_closed(connection, name, now if closed else None)
        event = QueueEvent(name, CLOSED if closed else OPENED, now, author)
        await append_queue_event(connection, event)
    resources.stores.directory.forget()
