"""Reads the line without changing it, except for due steps."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.leads.errors import LineLost
from service.queue.line import Line
from service.queue.showing import milliseconds

BEHIND = 10**14  # as in late.lua


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A lead's place in its lane; the lowest place goes first, equal places by id."""

    place: float
    lead_id: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a queue has for an operator: the leads they hold there, and the first that waits."""

    queue: str
    held: int
    head: Position | None


Served = Mapping[str, Sequence[str]]
"""The lanes that somebody is served from, by queue."""


async def upcoming(line: Line, served: Served, limit: int, now: datetime) -> list[str]:
    """The ids of the waiting leads, in the order in which they would be served.

    Steps that are due at `now` are carried out first. Raises LineLost.
    """

    def fill(pipeline: Any) -> None:
        for queue in served:
            pipeline.exists(line.keys(queue).epoch)
        for queue, lanes in served.items():
            for lane in lanes:
                pipeline.zrange(line.keys(queue).lanes + lane, 0, limit - 1, withscores=True)

    await asyncio.gather(*(line.take_steps(queue, now) for queue in served))
    replies = await line.scripts.ask(fill)
    if not all(replies[: len(served)]):
        raise LineLost
    positions = [position for lane in replies[len(served) :] for position in _positions(lane)]
    return [position.lead_id for position in sorted(positions)[:limit]]


async def versions_of(line: Line, served: Served, ids: Sequence[str]) -> list[tuple[str, int]]:
    """The leads with their versions, as the line knows them, in the given order.

    A lead that left meanwhile is left out.
    """
    if not ids:
        return []

    def fill(pipeline: Any) -> None:
        for queue in served:
            pipeline.hmget(line.keys(queue).places, ids)

    by_queue = await line.scripts.ask(fill)
    known = [next(filter(None, places), None) for places in zip(*by_queue, strict=True)]
    return [
        (lead_id, int(place.split("|", 1)[0]))
        for lead_id, place in zip(ids, known, strict=True)
        if place is not None
    ]


async def guaranteed_next(
    line: Line, queue: str, lanes: Sequence[str], every: int, now: datetime
) -> str | None:
    """The id of the longest-late lead if the next claim from these lanes would take it.

    That is so when the count is due and the head is not protected (late.lua).
    """
    keys = line.keys(queue)

    def fill(pipeline: Any) -> None:
        pipeline.get(keys.guarantee)
        for lane in lanes:
            pipeline.zrange(keys.lanes + lane, 0, 0, withscores=True)
            for least in (0, BEHIND):
                most = least + milliseconds(now)
                late = keys.late + lane
                pipeline.zrangebyscore(late, least, most, start=0, num=1, withscores=True)

    count, *found = await line.scripts.ask(fill)
    heads, late = (
        found[::3],
        sorted(
            (score, lead_id) for lane in (*found[1::3], *found[2::3]) for lead_id, score in lane
        ),
    )
    head = min((item for places in heads for item in _positions(places)), default=None)
    if head is None or not late or int(count or 0) + 1 < every:
        return None
    place = await line.scripts.ask(lambda pipeline: pipeline.hget(keys.places, head.lead_id))
    mark = (place[0] or "").split("|")[3:]
    return None if mark and "p" in mark[0] else str(late[0][1])


async def prospects(line: Line, served: Served, operator: str, now: datetime) -> list[Prospect]:
    """What each queue has for an operator, the best first; raises LineLost.

    Steps that are due at `now` are carried out first.
    """

    def fill(pipeline: Any) -> None:
        for queue, lanes in served.items():
            keys = line.keys(queue)
            pipeline.exists(keys.epoch)
            pipeline.zlexcount(keys.holdings, f"[{operator} ", f"({operator}!")
            for lane in lanes:
                pipeline.zrange(keys.lanes + lane, 0, 0, withscores=True)

    await asyncio.gather(*(line.take_steps(queue, now) for queue in served))
    replies = iter(await line.scripts.ask(fill))
    found = []
    for queue, lanes in served.items():
        stands, held = next(replies), next(replies)
        heads = [_positions(next(replies)) for _ in lanes]
        if not stands:
            raise LineLost
        first = min((item for head in heads for item in head), default=None)
        found.append(Prospect(queue, held, first))
    return sorted(found, key=lambda item: (item.head is None, item.head))


def _positions(lane: list[Any]) -> list[Position]:
    return [Position(float(place), lead_id) for lead_id, place in lane]
