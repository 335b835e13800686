"""Who guesses keys or links waits longer with each wrong one, by address."""

import math
import time

from cachetools import TTLCache

FREE = 5
FORGOTTEN_SECONDS = 900
LONGEST_SECONDS = 300
ROOM = 10_000


class Guesses:
    """Wrong tries of the last quarter of an hour, by address; in this process."""

    def __init__(self) -> None:
        self._wrong: TTLCache[str, tuple[int, float]] = TTLCache(ROOM, FORGOTTEN_SECONDS)

    def wait_seconds(self, address: str) -> int:
        """How long this address has to wait before its next try; 0: not at all."""
        count, since = self._wrong.get(address, (0, 0.0))
        if count < FREE:
            return 0
        pause = min(LONGEST_SECONDS, 2 << (count - FREE))
        return max(0, math.ceil(since + pause - time.monotonic()))

    def was_wrong(self, address: str) -> None:
        """Another wrong try."""
        count, _ = self._wrong.get(address, (0, 0.0))
        self._wrong[address] = count + 1, time.monotonic()

    def was_right(self, address: str) -> None:
        """Whoever is in has no debts."""
        self._wrong.pop(address, None)


GUESSES = Guesses()
