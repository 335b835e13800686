"""How far the line is in step with Postgres, kept in the line itself: lost together with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from service.queue.line import Line, milliseconds


@dataclass(frozen=True, slots=True)
class InStep:
    """The line shows every change before `until` for certain; recent ones up to `compared_at`."""

    until: datetime
    compared_at: datetime


async def in_step(line: Line, queues: Sequence[str]) -> dict[str, InStep]:
    """How far each queue's line is in step; a queue whose line is lost is left out."""

    def fill(pipeline: Any) -> None:
        for queue in queues:
            pipeline.get(line.keys(queue).epoch)

    epochs = await line.scripts.try_again(fill)
    return {
        queue: InStep(*(_moment(said) for said in epoch.split()))
        for queue, epoch in zip(queues, epochs, strict=True)
        if epoch
    }


async def set_in_step(line: Line, queues: Iterable[str], now: InStep) -> None:
    """Note how far the queues' lines are in step."""
    moments = f"{milliseconds(now.until)} {milliseconds(now.compared_at)}"

    def fill(pipeline: Any) -> None:
        for queue in queues:
            pipeline.set(line.keys(queue).epoch, moments)

    await line.scripts.try_again(fill)


async def versions(line: Line, queue: str, ids: Sequence[str]) -> list[int]:
    """The version of each lead that the line knows, −1 where it knows none."""

    def fill(pipeline: Any) -> None:
        pipeline.hmget(line.keys(queue).places, ids)

    known = (await line.scripts.try_again(fill))[0] if ids else []
    return [int(one.split("|", 1)[0]) if one else -1 for one in known]


async def clear(line: Line, queue: str) -> None:
    """Drop a queue's line; until it is built anew, claims are served from Postgres.

    In one command: a lead shown meanwhile is dropped whole, or not at all.
    """
    keys = line.keys(queue)
    found = {keys.epoch, *await line.scripts.keys(keys.every)}
    await line.scripts.try_again(lambda pipeline: pipeline.unlink(*found))


async def ping(line: Line) -> None:
    """Raise LineUnavailable unless Redis answers."""
    await line.scripts.try_again(lambda pipeline: pipeline.ping())


def _moment(said: str) -> datetime:
    return datetime.fromtimestamp(int(said) / 1000, UTC)
