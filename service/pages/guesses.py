"""Slows down guesses of keys and links, by address: each wrong try makes the wait longer."""

import math
import time

from cachetools import TTLCache

FREE = 5
FORGOTTEN_SECONDS = 900
LONGEST_SECONDS = 300
ROOM = 10_000


class Guesses:
    """The wrong tries of the last 15 minutes by address, in this process."""

    def __init__(self) -> None:
        self._wrong: TTLCache[str, tuple[int, float]] = TTLCache(ROOM, FORGOTTEN_SECONDS)

    def wait_seconds(self, address: str) -> int:
        """How long this address must wait before its next try; 0 when it need not."""
        count, since = self._wrong.get(address, (0, 0.0))
        if count < FREE:
            return 0
        pause = min(LONGEST_SECONDS, 2 << (count - FREE))
        return max(0, math.ceil(since + pause - time.monotonic()))

    def was_wrong(self, address: str) -> None:
        """Count a wrong try."""
        count, _ = self._wrong.get(address, (0, 0.0))
        self._wrong[address] = count + 1, time.monotonic()

    def was_right(self, address: str) -> None:
        """Forget the wrong tries of an address that signed in."""
        self._wrong.pop(address, None)


GUESSES = Guesses()
