"""The places for waiting and listening in this process: one per name, however often it is used."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from service.leads.errors import Overloaded

MAX_OF_ONE = 16  # streams and long polls of one operator, or streams of one queue by one key


class WaitingPlaces:
    """A limited number of places; a name that has one needs no second."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._taken)

    @contextmanager
    def taken(self, name: str) -> Iterator[None]:
        """Take a place for the time of the block.

        Raises Overloaded when all places are taken, or when the name is used too often.
        """
        if name not in self._taken and len(self._taken) >= self._limit:
            raise Overloaded(f"{self._limit} operators wait already; ask again in a moment.")
        if self._taken[name] >= MAX_OF_ONE:
            raise Overloaded(f"{MAX_OF_ONE} streams and long polls are open; close some of them.")
        self._taken[name] += 1
        try:
            yield
        finally:
            self._taken[name] -= 1
            if not self._taken[name]:
                del self._taken[name]
