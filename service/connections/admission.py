"""How many unproven requests one address may send: a token bucket per address."""

import time
from collections.abc import Callable

from cachetools import LRUCache

MAX_ADDRESSES = 10_000


class Admission:
    """Counts requests without a valid proof; requests with one are not counted."""

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
        """How many unproven requests an address may send per second, at least one."""
        return int(self._burst)

    def spend(self, address: str) -> bool:
        """Count one unproven request; False when the address has none left."""
        left = self.left(address)
        self._left[address] = (max(0.0, left - 1), self._now())
        return left >= 1

    def left(self, address: str) -> float:
        """How many unproven requests the address may send now."""
        left, at = self._left.get(address, (self._burst, self._now()))
        return float(min(self._burst, left + (self._now() - at) * self._rate))
