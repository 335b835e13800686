"""Send every committed event to the listeners; one read of both logs serves the whole process.

Nothing is written. An event is read once no earlier event can come before it (event_log). So every
replica sends events in the same order, and a cursor of one replica is valid for all.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.event_position import Cursor, EventPosition, cursor_of
from service.leads.stream_message import reset_message, stored_message
from service.queue.listeners import Listener
from service.resources import Resources
from service.storage.events.event_log import (
    EventPage,
    LoggedEvent,
    here,
    oldest_after,
    read_events,
)

KEEP = timedelta(days=1)
MAX_MISSED_PAGES = 20
CATCHING_UP_AT_ONCE = 4
AT_ONCE = 100

TOO_OLD = "Events after this id are no longer kept for streams."
TOO_MANY = "More events were missed than a stream makes up for."
OTHER_SERVER = "The database was restored since."

_catching_up = asyncio.Semaphore(CATCHING_UP_AT_ONCE)


@dataclass(slots=True)
class Following:
    """The cursor up to which listeners of this process got events; None before the first read."""

    cursor: Cursor | None = None


async def follow_events(resources: Resources, following: Following) -> bool:
    """Send committed events to listeners; return whether more are committed already.

    New listeners begin with this read; they read earlier events by themselves.
    """
    database, listeners = resources.stores.database, resources.listeners
    if following.cursor is None:
        following.cursor = await here(database)
    listeners.let_begin(following.cursor)
    page = await read_events(database, following.cursor.position.turn, listeners.queues())
    await _pass_on(resources, page)
    following.cursor = Cursor(page.era, EventPosition(page.upper))
    return page.has_more


async def _pass_on(resources: Resources, page: EventPage) -> None:
    listeners = resources.listeners
    if page.is_other_server:
        cursor = Cursor(page.era, EventPosition(page.upper))
        message = reset_message(resources.clock.now(), OTHER_SERVER, cursor)
        for listener in listeners:
            listener.mailbox.put(message)
    for number, event in enumerate(page.events):
        if number % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)  # lets readers empty their mailboxes
        concerned = [
            listener
            for listener in listeners.of_queue(event.queue)
            if listener.begins_before(event.position) and _concerns(listener, event)
        ]
        if concerned:
            message = _message(page, event)
            for listener in concerned:
                listener.mailbox.put(message)


def cursor_named(last: str) -> Cursor:
    """The cursor of a `Last-Event-ID`; raises InvalidRequest when it is not an event's id."""
    cursor = cursor_of(last)
    if cursor is None:
        remedy = "Send the id of the last event that you took, or leave it out."
        raise InvalidRequest([FieldMistake("Last-Event-ID", "no event has such an id", remedy)])
    return cursor


async def missed_by(
    resources: Resources, listener: Listener, begin: Cursor, until: Cursor
) -> AsyncIterator[bytes]:
    """Send what a listener missed between a cursor and the start of their stream.

    Sends a reset when the missed events are not known.
    """
    why = await _lost(resources, begin, until)
    if why is None:
        async for page in _pages(resources, listener, begin, until):
            yield page
    else:
        yield reset_message(resources.clock.now(), why, until)


async def _lost(resources: Resources, begin: Cursor, until: Cursor) -> str | None:
    database = resources.stores.database
    # another replica may be ahead of this one, but never of the server
    if begin.era != until.era or begin.position > (await here(database)).position:
        return OTHER_SERVER
    oldest = await oldest_after(database, begin.position.turn)
    is_lost = oldest is not None and oldest < resources.clock.now() - KEEP
    return TOO_OLD if is_lost else None


async def _pages(
    resources: Resources, listener: Listener, begin: Cursor, until: Cursor
) -> AsyncIterator[bytes]:
    turn = begin.position.turn
    for _ in range(MAX_MISSED_PAGES):
        async with _catching_up:  # not held during the write: a slow reader would block others
            page = await read_events(resources.stores.database, turn, listener.queues)
        yield b"".join(
            _message(page, event)
            for event in page.events
            if begin.position < event.position < until.position and _concerns(listener, event)
        )
        turn = page.upper
        if turn >= until.position.turn:
            return
    yield reset_message(resources.clock.now(), TOO_MANY, until)


def _message(page: EventPage, event: LoggedEvent) -> bytes:
    return stored_message(event.event, Cursor(page.era, event.position))


def _concerns(listener: Listener, event: LoggedEvent) -> bool:
    """Whether an event belongs to a queue's stream, or to the operator or one of their lanes."""
    operator = listener.operator
    if operator is None or event.lane is None:
        return True
    return operator in event.operators or event.lane in listener.lanes
