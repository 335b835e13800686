"""Looking at the line: nothing moves but what time has moved."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.leads.errors import LineLost
from service.queue.line import Line


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A lead in its lane; a lower place goes first, equal places follow their ids."""

    place: float
    lead_id: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a queue has for an operator: how many he holds there, and the first that waits."""

    queue: str
    held: int
    head: Position | None


async def upcoming(
    line: Line, queues: Sequence[str], lanes: Sequence[str], most: int, now: datetime
) -> list[str]:
    """The ids of the leads that wait, in the order in which they would be served now."""

    def fill(pipeline: Any) -> None:
        for queue in queues:
            pipeline.exists(line.keys(queue).epoch)
        for queue in queues:
            for lane in lanes:
                pipeline.zrange(line.keys(queue).lanes + lane, 0, most - 1, withscores=True)

    await _take_steps(line, queues, now)
    replies = await line.scripts.ask(fill)
    if not all(replies[: len(queues)]):
        raise LineLost
    positions = [one for lane in replies[len(queues) :] for one in _positions(lane)]
    return [one.lead_id for one in sorted(positions)[:most]]


async def prospects(
    line: Line, queues: Sequence[str], operator: str, lanes: Sequence[str], now: datetime
) -> list[Prospect]:
    """What each of several queues has for an operator now, the best first; raises LineLost."""

    def fill(pipeline: Any) -> None:
        for queue in queues:
            keys = line.keys(queue)
            pipeline.exists(keys.epoch)
            pipeline.zlexcount(keys.holdings, f"[{operator} ", f"({operator}!")
            for lane in lanes:
                pipeline.zrange(keys.lanes + lane, 0, 0, withscores=True)

    await _take_steps(line, queues, now)
    replies = await line.scripts.ask(fill)
    width = 2 + len(lanes)
    found = []
    for number, queue in enumerate(queues):
        stands, held, *heads = replies[number * width : (number + 1) * width]
        if not stands:
            raise LineLost
        first = min((one for head in heads for one in _positions(head)), default=None)
        found.append(Prospect(queue, held, first))
    return sorted(found, key=lambda one: (one.head is None, one.head))


async def _take_steps(line: Line, queues: Sequence[str], now: datetime) -> None:
    await asyncio.gather(*(line.take_steps(queue, now) for queue in queues))


def _positions(lane: list[Any]) -> list[Position]:
    return [Position(float(place), lead_id) for lead_id, place in lane]
