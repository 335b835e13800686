"""The names of a queue's lanes, cached for a moment because each claim asks for them."""

import asyncio
import time

from service.leads.lead import EVERYBODY
from service.queue.line import Line

SECONDS = 0.3
ROOM = 1000
TIDIED = 200


class LaneNames:
    """The names of each queue's lanes; `everybody` is always among them."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._names: dict[str, tuple[float, frozenset[str]]] = {}
        self._reading: dict[str, asyncio.Task[frozenset[str]]] = {}

    async def of(self, queue: str) -> frozenset[str]:
        """A queue's lanes, at most 0.3 s old, asked for once by all; raises LineUnavailable."""
        existing = self._existing(queue)
        if existing is not None:
            return existing
        if queue not in self._reading:
            self._reading[queue] = asyncio.create_task(self._read(queue))
        return await asyncio.shield(self._reading[queue])

    def _existing(self, queue: str) -> frozenset[str] | None:
        stale_at, names = self._names.get(queue) or (0.0, None)
        return names if time.monotonic() < stale_at else None

    async def _read(self, queue: str) -> frozenset[str]:
        this, key = asyncio.current_task(), self._line.keys(queue).lane_names
        try:
            found = await self._line.scripts.ask(lambda pipeline: pipeline.smembers(key))
            names = frozenset({EVERYBODY, *found[0]})
            if self._reading.get(queue) is this:  # else they were forgotten since it began
                if len(self._names) >= ROOM:
                    self._names.clear()
                self._names[queue] = (time.monotonic() + SECONDS, names)
            return names
        finally:
            if self._reading.get(queue) is this:
                del self._reading[queue]

    def forget(self, queue: str) -> None:
        """Drop the cached names, because the line was rebuilt."""
        self._names.pop(queue, None)
        self._reading.pop(queue, None)

    def note(self, queue: str, lane: str) -> None:
        """A lead came to this lane; if the lane is new, drop the cached names."""
        existing = self._existing(queue)
        if existing is not None and lane not in existing:
            del self._names[queue]

    async def tidy(self, queue: str) -> int:
        """Forget the names of some empty lanes; returns how many."""
        keys = self._line.keys(queue)
        return int(await self._line.scripts.run("tidy", (keys.lane_names, keys.lanes), TIDIED))
