"""How far the line agrees with Postgres; stored in the line, so it is lost together with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from service.queue.line import Line
from service.queue.showing import milliseconds


@dataclass(frozen=True, slots=True)
class InStep:
    """The line has each change before `until`, and recent ones up to `compared_at`."""

    until: datetime
    compared_at: datetime


async def in_step(line: Line, queues: Sequence[str]) -> dict[str, InStep]:
    """How far each queue's line agrees; a queue whose line is lost is left out."""

    def fill(pipeline: Any) -> None:
        for queue in queues:
            pipeline.get(line.keys(queue).epoch)

    epochs = await line.scripts.ask(fill, True)
    return {
        queue: InStep(*(_moment(given) for given in epoch.split()))
        for queue, epoch in zip(queues, epochs, strict=True)
        if epoch
    }


async def begin_in_step(line: Line, queue: str, now: InStep) -> None:
    """Record that a queue's line was rebuilt."""
    await line.scripts.ask(lambda pipeline: pipeline.set(line.keys(queue).epoch, _given(now)), True)


async def set_in_step(line: Line, queues: Iterable[str], now: InStep) -> None:
    """Record how far the queues' lines agree; a line that was lost meanwhile stays lost."""

    def fill(pipeline: Any) -> None:
        for queue in queues:
            pipeline.set(line.keys(queue).epoch, _given(now), xx=True)

    await line.scripts.ask(fill, True)


async def versions(line: Line, queue: str, ids: Sequence[str]) -> list[int]:
    """The version of each lead in the line, −1 for a lead that is not there."""

    def fill(pipeline: Any) -> None:
        pipeline.hmget(line.keys(queue).places, ids)

    existing = (await line.scripts.ask(fill, True))[0] if ids else []
    return [int(item.split("|", 1)[0]) if item else -1 for item in existing]


async def clear(line: Line, queue: str) -> None:
    """Drop a queue's line; until it is rebuilt, claims are served from Postgres."""
    keys = line.keys(queue)
    names = (keys.epoch, keys.places, keys.held, keys.holders, keys.holdings, keys.gone)
    more = (keys.steps, keys.timelines, keys.lane_names, keys.guarantee, keys.lanes, keys.late)
    await line.scripts.run("clear", (*names, *more))


async def ping(line: Line) -> None:
    """Raise LineUnavailable unless Redis answers."""
    await line.scripts.ask(lambda pipeline: pipeline.ping(), True)


def _moment(given: str) -> datetime:
    return datetime.fromtimestamp(int(given) / 1000, UTC)


def _given(now: InStep) -> str:
    return f"{milliseconds(now.until)} {milliseconds(now.compared_at)}"
