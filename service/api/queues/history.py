"""The figures of a queue by hour or day, up to a year back."""

from datetime import datetime
from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import Field

from service.api.dependencies import ResourcesOf, needs, strict_router
from service.api.leads.lead_answers import AnswerModel, Sum
from service.api.leads.lead_rendering import answer, money
from service.flows.line.view_history import SUMS, Step, view_history
from service.leads.errors import QueueNotFound
from service.leads.lead import Kind
from service.leads.wait_counts import wait_at
from service.schemas.fields import Moment, QueueName
from service.storage.queues.history import HourFigures

router = strict_router("history", "/queues")

MEDIAN, NINE_OF_TEN = 0.5, 0.9


class PointOut(AnswerModel):
    """The figures of one kind in one hour or day. Times are in seconds."""

    at: datetime = Field(description="the beginning, in the queue's time zone")
    kind: Kind
    received: int = Field(description="leads that were opened")
    served: int = Field(description="leads that were claimed for the first time")
    first_answers_known: int = Field(
        description="how many of those served have an answer time from a sender; for the others the"
        " first claim counts"
    )
    settled: int = Field(description="leads that were settled, whatever the outcome")
    won: int
    lost: int
    cancelled: int
    no_answer: int
    answered: int = Field(description="questions and similar leads, neither won nor lost")
    amount: Sum
    first_answer_p50: float | None = Field(
        description="half were answered sooner; accurate to about a tenth"
    )
    first_answer_p90: float | None = Field(description="nine in ten were answered sooner")


class HistoryOut(AnswerModel):
    """A queue's history. A step without events of a kind has no point for it."""

    queue: str
    step: Step = Field(description="the length of one point")
    time_zone: str
    currency: str
    points: list[PointOut] = Field(description="the oldest first, one for each kind")


@router.get(
    "/{queue}/history",
    response_model=HistoryOut,
    openapi_extra=needs("read", raises=(QueueNotFound,)),
)
async def get_history(
    resources: ResourcesOf,
    queue: Annotated[QueueName, Path()],
    since: Annotated[
        Moment | None,
        Query(
            description="start at the hour or day of this time; unset: 2 days (`hour`) or 31 days"
            " (`day`) ago"
        ),
    ] = None,
    step: Annotated[Step, Query(description="`hour` reaches 31 days back, `day` a year")] = "day",
) -> Response:
    """Leads received, served and settled, by kind and by hour or day of the queue's zone.

    The present hour is counted up to now. Corrections within a day are counted.
    """
    found = await view_history(resources, queue, step, since)
    return answer(
        {
            "queue": queue,
            "step": step,
            "time_zone": found.queue.time_zone,
            "currency": found.queue.currency,
            "points": [_point(point) for point in found.points],
        }
    )


def _point(of: HourFigures) -> dict[str, object]:
    return {
        "at": of.hour.isoformat(),
        "kind": of.kind,
        **{name: getattr(of, name) for name in SUMS},
        "amount": money(of.amount),
        "first_answer_p50": _seconds(of.waits, MEDIAN),
        "first_answer_p90": _seconds(of.waits, NINE_OF_TEN),
    }


def _seconds(waits: list[int], share: float) -> float | None:
    found = wait_at(waits, share)
    return None if found is None else round(found, 1)
