"""How much of what senders post is held in memory at once, until it is stored and answered."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from service.leads.errors import Overloaded

MEBIBYTE = 1024 * 1024

Take = Callable[[int], None]


class MemoryBudget:
    """Room for so many bytes, of which one source has `max_of_one` at most.

    Nobody has proved anything yet whose body is read: who sends slowly to one address, which a
    form on the shop's site tells everybody, must not shut out those who post to others.
    """

    def __init__(self, limit: int = 64 * MEBIBYTE, max_of_one: int = 32 * MEBIBYTE) -> None:
        self._most, self._max_of_one = limit, max_of_one
        self._held: Counter[str] = Counter()

    @contextmanager
    def of(self, source: str) -> Iterator[Take]:
        """What takes room for a request's bytes, or raises Overloaded; freed with the block."""
        own = 0

        def take(size: int) -> None:
            nonlocal own
            whole = self._held.total() + size
            if whole > self._most or self._held[source] + size > self._max_of_one:
                raise Overloaded("Too much is being posted at once; post it again in a moment.")
            self._held[source] += size
            own += size

        try:
            yield take
        finally:
            self._held[source] -= own
            if not self._held[source]:
                del self._held[source]
