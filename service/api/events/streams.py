"""Streams: what happens to leads and lines, as it happens, to whoever keeps a connection open."""

from typing import Annotated, Any

from fastapi import Header, Path, Request

from service.api.dependencies import KeyOf, ResourcesOf, authorise, needs, strict_router
from service.api.events.event_stream import EventStream
from service.api.events.stream_examples import OF_OPERATOR, OF_QUEUE
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
        description="the id of the last event that was taken: what came after it follows, each"
        " event once. Without it the stream begins now.",
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
    """Stream what concerns an operator, as server-sent events (`text/event-stream`).

    Stored events have an id, and `event` and `data` as subscriptions get them: of leads in lanes
    that serve this operator, of leads that they hold, own or are named in, and of their queues.
    Without an id, told only to who listens: `claim.offered`, the head of their line, whenever it
    changes, which reserves nothing, at most four times a second; `claim.lease_ending`, half a
    minute before the lease of a lead that they hold ends. `reset` says that events are missing:
    read again what you show. A comment comes every 15 seconds.
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
    """Stream what happens in a queue, as server-sent events (`text/event-stream`).

    All stored events of the queue and its leads have an id, and `event` and `data` as subscriptions
    get them. Without an id: `line.changed`, how many wait and who is first, at most four times a
    second; `claim.lease_ending` of everybody. `reset` says that events are missing.
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
    """Whether the key still opens this; a database that is away ends no stream."""
    try:
        await authorise(request, scope, request.scope["route"].path)
    except (Unauthenticated, ScopeMissing, KeyBound, TooManyUnproven):
        return False
    except NextleadError:
        return True
    return True
