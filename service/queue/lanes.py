"""The names of a queue's lanes, cached for a moment because each claim asks for them."""

from service.cached import Cached
from service.leads.lead import EVERYBODY
from service.queue.line import Line

SECONDS = 0.3
ORDER_SECONDS = 1.0
ROOM = 1000
TIDIED = 200


class LaneNames:
    """The names of each queue's lanes; `everybody` is always among them."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._names: dict[str, Cached[frozenset[str]]] = {}
        self._by_head: dict[str, Cached[tuple[str, ...]]] = {}

    async def of(self, queue: str) -> frozenset[str]:
        """A queue's lanes, at most 0.3 s old, asked for once by all; raises LineUnavailable."""
        names = self._names.get(queue)
        if names is None:
            if len(self._names) >= ROOM:
                self._names.clear()
            names = self._names[queue] = Cached(lambda: self._read(queue), SECONDS)
        return await names.value()

    async def _read(self, queue: str) -> frozenset[str]:
        key = self._line.keys(queue).lane_names
        found = await self._line.scripts.ask(lambda pipeline: pipeline.smembers(key))
        return frozenset({EVERYBODY, *found[0]})

    async def by_head(self, queue: str) -> tuple[str, ...]:
        """A queue's lanes, by their first leads of a second ago; raises LineUnavailable.

        With hundreds of lanes, it says which are worth a look while a lead is served.
        """
        order = self._by_head.get(queue)
        if order is None:
            if len(self._by_head) >= ROOM:
                self._by_head.clear()
            order = self._by_head[queue] = Cached(lambda: self._read_heads(queue), ORDER_SECONDS)
        return await order.value()

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
