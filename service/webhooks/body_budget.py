"""Limits the memory for webhook bodies that are being read, until they are stored and answered."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from service.leads.errors import Overloaded

MEBIBYTE = 1024 * 1024
YOUNG_SECONDS = 1.0  # a younger body is not slow

Take = Callable[[int], None]
Cut = Callable[[], None]


@dataclass(slots=True, eq=False)
class Body:
    """A body that is being read: its source, its sender's address, and its size so far."""

    source: str
    address: str
    cut: Cut
    since: float
    size: int = 0


class MemoryBudget:
    """Memory for a number of bytes; a source may hold at most `max_of_one`, an address less.

    Senders have not proved themselves yet while their bodies are read. At a limit, the slowest body
    within it is cut for the new one, so that a slow sender does not shut out others.
    """

    def __init__(
        self,
        limit: int = 64 * MEBIBYTE,
        max_of_one: int = 32 * MEBIBYTE,
        max_of_address: int = 16 * MEBIBYTE,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit, self._max_of_one, self._max_of_address = limit, max_of_one, max_of_address
        self._now = now
        self._bodies: dict[Body, None] = {}

    @contextmanager
    def of(self, source: str, address: str, cut: Cut) -> Iterator[Take]:
        """Yield a function that reserves memory for a request's bytes; the block's end frees it.

        The function raises Overloaded when there is no room. `cut` ends the reading of this body.
        """
        body = Body(source, address, cut, self._now())
        self._bodies[body] = None

        def take(size: int) -> None:
            self._make_room(body, size)
            body.size += size

        try:
            yield take
        finally:
            self._bodies.pop(body, None)

    def _make_room(self, body: Body, size: int) -> None:
        bounds: tuple[tuple[int, Callable[[Body], bool]], ...] = (
            (self._max_of_address, lambda item: item.address == body.address),
            (self._max_of_one, lambda item: item.source == body.source),
            (self._limit, lambda item: True),
        )
        for bound, is_within in bounds:
            bodies = [item for item in self._bodies if is_within(item)]  # without those cut above
            held = sum(item.size for item in bodies)
            while held + size > bound:
                slowest = self._slowest(bodies, body)
                if slowest is None:
                    raise Overloaded("Too much is being posted at once; post it again in a moment.")
                bodies.remove(slowest)
                self._bodies.pop(slowest, None)
                held -= slowest.size
                slowest.cut()

    def _slowest(self, bodies: list[Body], but: Body) -> Body | None:
        now = self._now()
        old = [item for item in bodies if item is not but and now - item.since >= YOUNG_SECONDS]
        return min(old, key=lambda item: item.size / (now - item.since), default=None)
