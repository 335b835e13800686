"""The names of a queue's lanes, cached for a moment because each claim asks for them."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from service.cached import Cached
from service.leads.lead import EVERYBODY
from service.queue.line import Line

SECONDS = 0.3
ORDER_SECONDS = 1.0
ROOM = 1000
TIDIED = 200

Names = TypeVar("Names")


class LaneNames:
    """The names of each queue's lanes; `everybody` is always among them."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._names: dict[str, Cached[frozenset[str]]] = {}
        self._by_head: dict[str, Cached[tuple[str, ...]]] = {}

    async def of(self, queue: str) -> frozenset[str]:
        """A queue's lanes, at most 0.3 s old, asked for once by all; raises LineUnavailable."""
        return await _kept(self._names, queue, self._read, SECONDS).value()

    async def _read(self, queue: str) -> frozenset[str]:
        key = self._line.keys(queue).lane_names
        found = await self._line.scripts.ask(lambda pipeline: pipeline.smembers(key))
        return frozenset({EVERYBODY, *found[0]})

    async def by_head(self, queue: str) -> tuple[str, ...]:
        """A queue's lanes, by their first leads of a second ago; raises LineUnavailable.

        With hundreds of lanes, it says which are worth a look while a lead is served.
        """
        return await _kept(self._by_head, queue, self._read_heads, ORDER_SECONDS).value()

    async def _read_heads(self, queue: str) -> tuple[str, ...]:
        keys = self._line.keys(queue)
        return tuple(await self._line.scripts.run("heads", (keys.lane_names, keys.lanes)))

    def forget(self, queue: str) -> None:
        """Drop the cached names, because the line was rebuilt."""
        self._names.pop(queue, None)
        self._by_head.pop(queue, None)

    def note(self, queue: str, lane: str) -> None:
        """A lead came to this lane; if the lane is new, the names are read again.

        A reading that is under way may have missed the lane, so it serves only who asked before.
        """
        names = self._names.get(queue)
        if names is not None and lane not in (names.existing() or ()):
            names.forget()
            self._by_head.pop(queue, None)

    async def tidy(self, queue: str) -> int:
        """Forget the names of some empty lanes; returns how many."""
        keys = self._line.keys(queue)
        return int(await self._line.scripts.run("tidy", (keys.lane_names, keys.lanes), TIDIED))


def _kept(
    of_queues: dict[str, Cached[Names]],
    queue: str,
    read: Callable[[str], Awaitable[Names]],
    seconds: float,
) -> Cached[Names]:
    """What is cached for a queue; of too many queues all are forgotten."""
    found = of_queues.get(queue)
    if found is None:
        if len(of_queues) >= ROOM:
            of_queues.clear()
        found = of_queues[queue] = Cached(lambda: read(queue), seconds)
    return found
