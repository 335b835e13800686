"""Queues: list, create and change them, and read their figures."""

from typing import Annotated

from fastapi import Path, Query, Response

from service.api.dependencies import KeyOf, ReachOf, ResourcesOf, needs, strict_router
from service.api.leads.lead_rendering import answer
from service.api.queues import queue_rendering
from service.api.queues.queue_answers import (
    ConversionOut,
    QueueEventsOut,
    QueueOut,
    QueuesOut,
    StatsOut,
)
from service.api.schemas import QueueChangeIn, QueueIn
from service.flows.line.view_queues import view_queue_events, view_queues, view_stats
from service.flows.operators.change_queue import change_queue
from service.flows.operators.close_queue import update_existing_queue
from service.flows.policies.view_conversion import view_conversion
from service.leads.errors import MoveNotAllowed, QueueExists, QueueNotFound
from service.schemas.fields import QueueName

router = strict_router("queues")

InPath = Annotated[QueueName, Path()]


@router.get("", response_model=QueuesOut, openapi_extra=needs("read"))
async def list_queues(resources: ResourcesOf, reach: ReachOf) -> Response:
    """List all queues by name."""
    queues = [queue for queue in await view_queues(resources) if reach.has(queue.name)]
    return answer({"queues": [queue_rendering.queue(queue) for queue in queues]})


@router.put(
    "/{queue}",
    response_model=QueueOut,
    responses={201: {"model": QueueOut, "description": "The queue is new."}},
    openapi_extra=needs("admin", raises=(QueueExists,)),
)
async def put_queue(resources: ResourcesOf, key: KeyOf, queue: InPath, sent: QueueIn) -> Response:
    """Create or replace a queue: one team's line, for example a shop or a region.

    A new queue starts with a copy of a policy that comes with the service. An existing queue keeps
    its policy.
    """
    changed, created = await change_queue(resources, sent.to_request(queue), key.name)
    return answer(queue_rendering.queue(changed), 201 if created else 200)


@router.patch(
    "/{queue}",
    response_model=QueueOut,
    openapi_extra=needs("admin", raises=(MoveNotAllowed, QueueNotFound)),
)
async def update_queue(
    resources: ResourcesOf, key: KeyOf, queue: InPath, sent: QueueChangeIn
) -> Response:
    """Change some fields of a queue, close it, or open it again.

    A closed queue refuses new leads and still serves those in it. 409 while a source delivers to
    it.
    """
    changed = await update_existing_queue(
        resources, sent.to_request(queue), key.name, closed=sent.closed
    )
    return answer(queue_rendering.queue(changed))


@router.get(
    "/{queue}/stats", response_model=StatsOut, openapi_extra=needs("read", raises=(QueueNotFound,))
)
async def get_stats(resources: ResourcesOf, queue: InPath) -> Response:
    """The present state of a queue, at most a second old."""
    return answer(queue_rendering.stats(await view_stats(resources, queue)))


@router.get(
    "/{queue}/conversion",
    response_model=ConversionOut,
    openapi_extra=needs("read", raises=(QueueNotFound,)),
)
async def get_conversion(resources: ResourcesOf, queue: InPath) -> Response:
    """How often leads become orders, by kind and intent, and how well the chances predicted it.

    It shows the policy's chance, the outcomes of claims, and the chance made of both.
    """
    found = await view_conversion(resources, queue)
    return answer(queue_rendering.conversion(queue, found))


@router.get(
    "/{queue}/events",
    response_model=QueueEventsOut,
    openapi_extra=needs("read", raises=(QueueNotFound,)),
)
async def list_queue_events(
    resources: ResourcesOf,
    queue: InPath,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
) -> Response:
    """List the events of a queue as a whole. `next` is the `cursor` of the next page."""
    events = await view_queue_events(resources, queue, after=cursor, limit=limit)
    more = str(events[-1].id) if len(events) == limit else None
    rendered = [queue_rendering.queue_event(event) for event in events]
    return answer({"events": rendered, "next": more})
