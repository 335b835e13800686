"""How many requests without proof one address may send: a token bucket for each of them."""

import time
from collections.abc import Callable

from cachetools import LRUCache

MAX_ADDRESSES = 10_000


class Admission:
    """Counts requests that proved nothing; those that prove themselves are never counted."""

    def __init__(
        self,
        rate: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate, self._burst = rate, max(1.0, rate)
        self._now = now
        self._left: LRUCache[str, tuple[float, float]] = LRUCache(MAX_ADDRESSES)

    @property
    def per_second(self) -> int:
        """How many unproven requests an address may send a second, at least one."""
        return int(self._burst)

    def spend(self, address: str) -> bool:
        """Count one unproven request; False when the address has none left."""
        left = self.left(address)
        self._left[address] = (max(0.0, left - 1), self._now())
        return left >= 1

    def left(self, address: str) -> float:
        """How many unproven requests the address may send at this moment."""
        left, at = self._left.get(address, (self._burst, self._now()))
        return float(min(self._burst, left + (self._now() - at) * self._rate))
