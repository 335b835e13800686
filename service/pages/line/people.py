"""An operator's day, and the decisions of people in a queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from service.flows.leads.view_leads import view_held
from service.flows.line.view_decisions import MAX_DECISIONS, view_decisions
from service.flows.line.view_queues import view_queues
from service.flows.operators.view_operator_stats import view_operator_stats
from service.flows.operators.view_operators import view_operator
from service.flows.operators.view_shift import DAY, ShiftPart, view_shift
from service.pages.claims.desk import about_lead
from service.pages.claims.desk_view import formats_of
from service.pages.line.board import chosen_queue
from service.pages.reader import PageCall
from service.pages.rendering import render

WIDTH = 240.0


@dataclass(frozen=True, slots=True)
class DrawnPart:
    """A span on a line of length 240: its beginning and its length."""

    at: float
    width: float
    span: ShiftPart


async def show_operator(call: PageCall) -> Response:
    """An operator's last 24 hours; raises OperatorNotFound."""
    name = str(call.path("name"))
    at_work = await view_operator(call.resources, name)
    queue = await call.resources.stores.directory.queue(at_work.operator.queues[0])
    spans, formats = await view_shift(call.resources, name), await formats_of(call, queue)
    _, shares = await view_operator_stats(call.resources, queue.name, None, None)
    return render(
        call,
        "operator.html",
        at_work=at_work,
        queue=queue,
        f=formats,
        spans=spans,
        stretches=[_drawn(span, formats.now - DAY) for span in spans],
        sums=_sums(spans),
        held=await view_held(call.resources, name),
        figures=next((item for item in shares.operators if item.operator == name), None),
        about=about_lead,
    )


async def show_decisions(call: PageCall) -> Response:
    """The decisions of people, a hundred at a time."""
    queue = await chosen_queue(call)
    return render(
        call,
        "decisions.html",
        queue=queue,
        queues=await view_queues(call.resources),
        f=await formats_of(call, queue),
        decisions=await view_decisions(call.resources, queue.name, _before(call)),
        most=MAX_DECISIONS,
    )


def _before(call: PageCall) -> datetime | None:
    try:
        at = datetime.fromisoformat(call.query("before"))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _drawn(span: ShiftPart, since: datetime) -> DrawnPart:
    a_minute = WIDTH / (DAY / timedelta(minutes=1))
    begins = (span.begins - since) / timedelta(minutes=1)
    return DrawnPart(round(begins * a_minute, 2), round(span.minutes * a_minute, 2), span)


def _sums(spans: Sequence[ShiftPart]) -> list[tuple[Any, str | None, float]]:
    """Status, reason and seconds, the longest first."""
    sums: dict[tuple[Any, str | None], float] = {}
    for span in spans:
        key = span.status, span.reason
        sums[key] = sums.get(key, 0.0) + 60 * span.minutes
    return sorted(((*key, value) for key, value in sums.items()), key=lambda item: -item[2])
