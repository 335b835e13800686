"""Queues: which there are, and how they stand."""

from typing import Annotated

from fastapi import Path, Response

from service.api import queue_rendering
from service.api.dependencies import ResourcesOf, needs, strict_router
from service.api.fields import QueueName
from service.api.queue_answers import QueueOut, QueuesOut, StatsOut
from service.api.rendering import answer
from service.api.schemas import QueueIn
from service.flows.change_operator import change_queue
from service.flows.look_at_queues import look_at_queues, look_at_stats

router = strict_router("queues")

InPath = Annotated[QueueName, Path()]


@router.get("", response_model=QueuesOut, openapi_extra=needs("read"))
async def get_queues(resources: ResourcesOf) -> Response:
    """Every queue, by name."""
    queues = await look_at_queues(resources)
    return answer({"queues": [queue_rendering.queue(one) for one in queues]})


@router.put(
    "/{queue}",
    response_model=QueueOut,
    responses={201: {"model": QueueOut, "description": "The queue is new."}},
    openapi_extra=needs("admin"),
)
async def put_queue(resources: ResourcesOf, queue: InPath, sent: QueueIn) -> Response:
    """Make or change a queue: one team's line, a shop or a region."""
    changed = sent.to_queue(queue)
    created = await change_queue(resources, changed)
    return answer(queue_rendering.queue(changed), 201 if created else 200)


@router.get("/{queue}/stats", response_model=StatsOut, openapi_extra=needs("read"))
async def get_stats(resources: ResourcesOf, queue: InPath) -> Response:
    """How a queue stands, at most a second ago."""
    of, found = await look_at_stats(resources, queue)
    return answer(queue_rendering.stats(of, found))
