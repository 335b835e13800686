"""The heads of lanes, for listeners of streams; reading them changes and reserves nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from service.queue.line import Line
from service.queue.preview import Position


@dataclass(frozen=True, slots=True)
class LaneHead:
    """The first lead of a lane (None for an empty lane), and how many leads wait there."""

    first: Position | None
    waiting: int


async def lane_heads(
    line: Line, names: Mapping[str, Collection[str]]
) -> dict[str, dict[str, LaneHead]]:
    """The current heads of lanes, by queue and lane; raises LineUnavailable."""
    pairs = [(queue, lane) for queue, lanes in names.items() for lane in lanes]

    def fill(pipeline: Any) -> None:
        for queue, lane in pairs:
            key = line.keys(queue).lanes + lane
            pipeline.zrange(key, 0, 0, withscores=True)
            pipeline.zcard(key)

    replies = await line.scripts.ask(fill) if pairs else []
    heads: dict[str, dict[str, LaneHead]] = {queue: {} for queue in names}
    for number, (queue, lane) in enumerate(pairs):
        found, waiting = replies[2 * number : 2 * number + 2]
        first = Position(float(found[0][1]), found[0][0]) if found else None
        heads[queue][lane] = LaneHead(first, int(waiting))
    return heads
