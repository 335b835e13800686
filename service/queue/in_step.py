"""How far the line is in step with Postgres, kept in the line itself: lost together with it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from service.queue.line import Line, milliseconds


async def in_step_until(line: Line, queues: Sequence[str]) -> dict[str, datetime | None]:
    """Up to when each queue's line shows what Postgres says; None where the line is lost."""

    def fill(pipeline: Any) -> None:
        for queue in queues:
            pipeline.get(line.keys(queue).epoch)

    epochs = await line.scripts.ask(fill)
    return {
        queue: datetime.fromtimestamp(int(epoch.split()[0]) / 1000, UTC) if epoch else None
        for queue, epoch in zip(queues, epochs, strict=True)
    }


async def set_in_step(line: Line, until: Mapping[str, datetime], compared_at: datetime) -> None:
    """Note up to when the queues' lines show what Postgres says, as a comparison found."""

    def fill(pipeline: Any) -> None:
        for queue, moment in until.items():
            moments = f"{milliseconds(moment)} {milliseconds(compared_at)}"
            pipeline.set(line.keys(queue).epoch, moments)

    await line.scripts.ask(fill)


async def versions(line: Line, queue: str, ids: Sequence[str]) -> list[int]:
    """The version of each lead that the line knows, −1 where it knows none."""

    def fill(pipeline: Any) -> None:
        pipeline.hmget(line.keys(queue).places, ids)

    known = (await line.scripts.ask(fill))[0] if ids else []
    return [int(one.split("|", 1)[0]) if one else -1 for one in known]


async def clear(line: Line, queue: str) -> None:
    """Drop a queue's line; until it is built anew, claims are served from Postgres."""
    keys = line.keys(queue)
    await line.scripts.ask(lambda pipeline: pipeline.unlink(keys.epoch))
    await line.scripts.drop(keys.every)


async def ping(line: Line) -> None:
    """Raise LineUnavailable unless Redis answers."""
    await line.scripts.ask(lambda pipeline: pipeline.ping())
