"""Which lanes a queue has at present, known for a moment: every claim asks."""

import time

from cachetools import TTLCache

from service.leads.lead import EVERYBODY
from service.queue.line import Line

SECONDS = 0.3
ROOM = 1000
TIDIED = 200


class LaneNames:
    """The names of every queue's lanes, everybody's always among them."""

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
        """Ask for the names again: the line was rebuilt."""
        self._names.pop(queue, None)

    def note(self, queue: str, lane: str) -> None:
        """A lead came to stand in this lane: if it is new, the names are asked for again."""
        existing = self._names.get(queue)
        if existing is not None and lane not in existing:
            del self._names[queue]

    async def tidy(self, queue: str) -> int:
        """Forget some lanes in which nobody stands; how many."""
        keys = self._line.keys(queue)
        return int(await self._line.scripts.run("tidy", (keys.lane_names, keys.lanes), TIDIED))
