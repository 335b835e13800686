"""The board: urgent matters from left to right, and below them figures to read."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import HTMLResponse, Response

from service.flows.line.view_board import view_hours
from service.flows.line.view_queues import view_queues, view_stats
from service.flows.line.view_rush import view_workload
from service.flows.line.view_trends import view_trends
from service.flows.operators.view_operator_stats import view_operator_stats
from service.flows.operators.view_operators import AtWork
from service.flows.policies.view_conversion import view_conversion
from service.flows.senders.view_sources import view_quarantine, view_sources
from service.leads.lead import Kind
from service.leads.operator import Presence
from service.pages.claims.desk_view import formats_of
from service.pages.formats import Formats
from service.pages.line.charts import path_of, place_of
from service.pages.line.target_words import target_words
from service.pages.line.trend_rows import trend_rows
from service.pages.reader import PageCall
from service.pages.rendering import render
from service.storage.operators.operators import Queue
from service.storage.queues.stats import Depth, Stats
from service.storage.queues.waiting_leads import Hour

AT_WORK = (Presence.ONLINE, Presence.WRAP_UP)


@dataclass(frozen=True, slots=True)
class KindRow:
    """A row of the table by kind."""

    kind: Kind
    depth: int
    oldest: datetime
    cost: float
    stages: Sequence[Depth]


async def show_board(call: PageCall) -> Response:
    """A queue at a glance. A script gets only the parts, and 304 while nothing has changed."""
    queue = await chosen_queue(call)
    context = await _overview(call, queue)
    template = "board_parts.html" if call.wants_fragments else "board.html"
    return _answer(call, render(call, template, **context))


async def show_wall(call: PageCall) -> Response:
    """Only the figures, readable from three metres."""
    queue = await chosen_queue(call)
    context = await _overview(call, queue)
    template = "wall_parts.html" if call.wants_fragments else "wall.html"
    return _answer(call, render(call, template, **context))


async def show_quality(call: PageCall) -> Response:
    """The policy's chances beside the outcomes, with intervals."""
    queue = await chosen_queue(call)
    return render(
        call,
        "quality.html",
        queue=queue,
        queues=await view_queues(call.resources),
        f=await formats_of(call, queue),
        conversion=await view_conversion(call.resources, queue.name),
        place_of=place_of,
    )


def _answer(call: PageCall, page: HTMLResponse) -> Response:
    etag = f'"{hashlib.sha256(bytes(page.body)).hexdigest()[:32]}"'
    if call.wants_fragments and call.request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    page.headers["ETag"] = etag
    return page


async def chosen_queue(call: PageCall) -> Queue:
    """The queue of the address, else the first; raises QueueNotFound."""
    name = call.query("queue") or call.text("queue")
    if name:
        return await call.resources.stores.directory.queue(name)
    queues = await view_queues(call.resources)
    return next((queue for queue in queues if queue.name == "main"), queues[0])


async def _overview(call: PageCall, queue: Queue) -> dict[str, Any]:
    resources = call.resources
    standing = await view_stats(resources, queue.name)
    stats, people = standing.stats, standing.attendance.people
    _, shares = await view_operator_stats(resources, queue.name, None, None)
    formats = await formats_of(call, queue)
    return {
        "queue": queue,
        "queues": await view_queues(resources),
        "f": formats,
        "stats": stats,
        "workload": await view_workload(resources, queue.name),
        "targets": target_words(standing.targets, formats),
        "trends": trend_rows(await view_trends(resources, queue.name), formats),
        "kinds": _kinds(stats),
        "people": people,
        "there": standing.attendance,
        "unstaffed": _unstaffed(people),
        "shares": {figures.operator: figures for figures in shares.operators},
        "sources": [
            item for item in await view_sources(resources) if item.stored.spec.queue == queue.name
        ],
        "unread": await view_quarantine(resources),
        "hours": _hours(await view_hours(resources, queue.name), formats),
    }


def _kinds(stats: Stats) -> list[KindRow]:
    """The kinds that wait, sorted by their highest stage."""
    found: dict[Kind, list[Depth]] = {}
    for row in stats.waiting:
        found.setdefault(row.kind, []).append(row)
    return [
        KindRow(
            kind,
            sum(row.depth for row in rows),
            min(row.oldest for row in rows),
            sum(float(row.cost_per_minute) for row in rows),
            rows,
        )
        for kind, rows in found.items()
    ]


def _unstaffed(people: Sequence[AtWork]) -> list[str]:
    """Skills that some operators have, but nobody at work."""
    every = {skill for item in people for skill in item.operator.skills}
    present = {
        skill for item in people if item.presence in AT_WORK for skill in item.operator.skills
    }
    return sorted(every - present)


def _hours(hours: Sequence[Hour], formats: Formats) -> dict[str, Any]:
    """The last 24 hours as two lines, won and lost, with their figures as a table."""
    last = formats.now.replace(minute=0, second=0, microsecond=0)
    by_time = {hour.at: hour for hour in hours}
    times = [last - timedelta(hours=back) for back in range(23, -1, -1)]
    won = [by_time[at].won if at in by_time else 0 for at in times]
    lost = [by_time[at].lost if at in by_time else 0 for at in times]
    highest = max([*won, *lost, 1])
    return {
        "won": path_of(won, highest),
        "lost": path_of(lost, highest),
        "rows": [by_time[at] for at in times if at in by_time],
    }
