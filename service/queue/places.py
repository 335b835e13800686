"""Places of those who wait or listen in this process: one for each, however often they do."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from service.leads.errors import Overloaded


class WaitingPlaces:
    """As many places as a process has; who has one already needs no second."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._taken)

    @contextmanager
    def taken(self, name: str, has: int = 0, most: int | None = None) -> Iterator[None]:
        """Have a place while the block runs.

        Raises Overloaded when all are taken, or when who `has` so many of something wants more
        than the `most`.
        """
        if name not in self._taken and len(self._taken) >= self._limit:
            raise Overloaded(f"{self._limit} operators wait already; ask again in a moment.")
        if most is not None and has >= most:
            raise Overloaded(f"{most} streams of this are open already; close one of them.")
        self._taken[name] += 1
        try:
            yield
        finally:
            self._taken[name] -= 1
            if not self._taken[name]:
                del self._taken[name]
