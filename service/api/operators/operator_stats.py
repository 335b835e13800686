"""How leads are shared among operators. The figures show cherry-picking."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query, Response
from pydantic import Field

from service.api.dependencies import ResourcesOf, needs, strict_router
from service.api.leads.lead_answers import AnswerModel, Sum
from service.api.leads.lead_rendering import answer, money
from service.flows.operators.view_operator_stats import view_operator_stats
from service.leads.errors import QueueNotFound
from service.schemas.fields import Moment, QueueName
from service.storage.operators.operator_stats import Count, Figures, OperatorStats
from service.storage.operators.operators import Queue

router = strict_router("queues")


class CountOut(AnswerModel):
    """A number of claims, and the sum of the budgets by which they were ranked."""

    leads: int
    stake: Sum
    share: float | None = Field(
        description="share of the stake offered; null when nothing was offered"
    )


class OperatorStatsOut(AnswerModel):
    """The claims of one operator. Times are in seconds."""

    operator: str
    offered: CountOut = Field(description="leads given by `next`")
    taken: CountOut = Field(description="offered leads that were not declined, released or expired")
    declined: CountOut
    released: CountOut
    expired: CountOut = Field(description="leads whose lease ended without a heartbeat")
    picked: CountOut = Field(description="leads claimed by their ids, past the line")
    outcomes: dict[str, int] = Field(
        description="how their claims ended", examples=[{"won": 3, "lost": 1}]
    )
    first_answer_median_seconds: float | None
    first_answer_95_percent_seconds: float | None
    handling_median_seconds: float | None = Field(
        description="half took less, from the claim to its outcome"
    )
    handling_95_percent_seconds: float | None


class OperatorsStatsOut(AnswerModel):
    """The operators who made claims in a time window, by name."""

    queue: str
    currency: str
    at: datetime
    since: datetime
    until: datetime
    operators: list[OperatorStatsOut]


@router.get(
    "/{queue}/operators/stats",
    response_model=OperatorsStatsOut,
    openapi_extra=needs("read", raises=(QueueNotFound,)),
)
async def get_operator_stats(
    resources: ResourcesOf,
    queue: Annotated[QueueName, Path()],
    since: Annotated[
        Moment | None, Query(description="the beginning; unset: 24 hours before `until`")
    ] = None,
    until: Annotated[Moment | None, Query(description="the end; unset: now")] = None,
) -> Response:
    """What each operator was offered in at most 31 days, and how it ended.

    A claim counts at its start, together with its end, whenever that came. At most the newest 50
    000 claims are counted. The figures are at most five seconds old.
    """
    of, found = await view_operator_stats(resources, queue, since, until)
    return answer(_stats(of, found))


def _stats(of: Queue, found: OperatorStats) -> dict[str, Any]:
    return {
        "queue": of.name,
        "currency": of.currency,
        "at": found.at,
        "since": found.window.since,
        "until": found.window.until,
        "operators": [_figures(operator) for operator in found.operators],
    }


def _figures(figures: Figures) -> dict[str, Any]:
    offered = figures.counts["offered"]
    counts = {name: _count(count, offered) for name, count in figures.counts.items()}
    return {"operator": figures.operator, **counts, "outcomes": figures.outcomes, **figures.times}


def _count(count: Count, offered: Count) -> dict[str, Any]:
    share = round(float(count.stake / offered.stake), 4) if offered.stake else None
    return {"leads": count.leads, "stake": money(count.stake), "share": share}
