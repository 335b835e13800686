"""Streams of events about leads and lines, over an open connection."""

from typing import Annotated, Any

from fastapi import Header, Path, Request

from service.api.dependencies import KeyOf, ResourcesOf, authorise, needs, strict_router
from service.api.events.stream_examples import OF_OPERATOR, OF_QUEUE
from service.event_stream import EventStream
from service.flows.claims.tell_listeners import operators_listener
from service.flows.events.follow_events import cursor_named
from service.flows.operators.note_listening import note_listening
from service.leads.errors import (
    KeyBound,
    NextleadError,
    OperatorNotFound,
    Overloaded,
    QueueNotFound,
    ScopeMissing,
    TooManyUnproven,
    Unauthenticated,
)
from service.leads.event_position import Cursor
from service.queue.listeners import NOWHERE, Listener
from service.schemas.fields import OperatorName, QueueName

router = strict_router("streams", below="")

MAX_ID = 64
LastEventId = Annotated[
    str | None,
    Header(
        max_length=MAX_ID,
        description="the id of the last event received; the stream continues after it, each event"
        " once. Without it the stream begins now.",
    ),
]


def _documented(example: str) -> dict[int | str, dict[str, Any]]:
    content = {"text/event-stream": {"schema": {"type": "string"}, "example": example}}
    return {200: {"description": "Events, until one side ends the stream.", "content": content}}


@router.get(
    "/operators/{operator}/stream",
    status_code=200,
    response_class=EventStream,
    responses=_documented(OF_OPERATOR),
    openapi_extra=needs("operate", raises=(OperatorNotFound, Overloaded)),
)
async def stream_operator(
    request: Request,
    resources: ResourcesOf,
    operator: Annotated[OperatorName, Path()],
    last_event_id: LastEventId = None,
) -> EventStream:
    """Stream the events of one operator, as server-sent events (`text/event-stream`).

    Stored events have an id, with `event` and `data` as in subscriptions. They are events of the
    operator's queues, of leads in lanes served to them, and of leads that they hold, own or are
    named in. Two events have no id and are not stored. `claim.offered` is the head of the
    operator's line, sent when it changes, at most four times a second; it reserves nothing.
    `claim.lease_ending` comes half a minute before a lease of the operator ends. `reset` means that
    events are missing: read your view again. A comment comes every 15 seconds.
    """
    last = _last(last_event_id)
    listener = await operators_listener(resources, operator)
    listener.after = NOWHERE if last is None else last.position

    async def is_alive() -> bool:
        return await _is_let_in(request, "operate") and await note_listening(resources, operator)

    return EventStream(resources, listener, last, is_alive)


@router.get(
    "/queues/{queue}/stream",
    status_code=200,
    response_class=EventStream,
    responses=_documented(OF_QUEUE),
    openapi_extra=needs("read", raises=(QueueNotFound, Overloaded)),
)
async def stream_queue(
    request: Request,
    resources: ResourcesOf,
    key: KeyOf,
    queue: Annotated[QueueName, Path()],
    last_event_id: LastEventId = None,
) -> EventStream:
    """Stream the events of a queue, as server-sent events (`text/event-stream`).

    Stored events of the queue and its leads have an id, with `event` and `data` as in
    subscriptions. Two events have no id: `line.changed` has the number waiting and the first lead,
    at most four times a second; `claim.lease_ending` comes for every operator. `reset` means that
    events are missing.
    """
    last = _last(last_event_id)
    await resources.stores.directory.queue(queue)
    after = NOWHERE if last is None else last.position
    listener = Listener(f"queue {queue} {key.name}", (queue,), after=after)

    async def is_alive() -> bool:
        return await _is_let_in(request, "read")

    return EventStream(resources, listener, last, is_alive)


def _last(given: str | None) -> Cursor | None:
    return None if given is None else cursor_named(given)


async def _is_let_in(request: Request, scope: str) -> bool:
    """Whether the key is still valid for this stream; a database that is away ends no stream."""
    try:
        await authorise(request, scope, request.scope["route"].path)
    except (Unauthenticated, ScopeMissing, KeyBound, TooManyUnproven):
        return False
    except NextleadError:
        return True
    return True
