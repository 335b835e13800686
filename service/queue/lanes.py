"""The names of a queue's lanes, cached for a moment because each claim asks for them."""

import time

from cachetools import TTLCache

from service.leads.lead import EVERYBODY
from service.queue.line import Line

SECONDS = 0.3
ROOM = 1000
TIDIED = 200


class LaneNames:
    """The names of each queue's lanes; `everybody` is always among them."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._names: TTLCache[str, frozenset[str], float] = TTLCache(
            ROOM, SECONDS, timer=time.monotonic
        )

    async def of(self, queue: str) -> frozenset[str]:
        """A queue's lanes, at most 0.3 s old; raises LineUnavailable."""
        existing = self._names.get(queue)
        if existing is None:
            key = self._line.keys(queue).lane_names
            found = await self._line.scripts.ask(lambda pipeline: pipeline.smembers(key))
            existing = self._names[queue] = frozenset({EVERYBODY, *found[0]})
        return existing

    def forget(self, queue: str) -> None:
        """Drop the cached names, because the line was rebuilt."""
        self._names.pop(queue, None)

    def note(self, queue: str, lane: str) -> None:
        """A lead came to this lane; if the lane is new, drop the cached names."""
        existing = self._names.get(queue)
        if existing is not None and lane not in existing:
            del self._names[queue]

    async def tidy(self, queue: str) -> int:
        """Forget the names of some empty lanes; returns how many."""
        keys = self._line.keys(queue)
        return int(await self._line.scripts.run("tidy", (keys.lane_names, keys.lanes), TIDIED))
