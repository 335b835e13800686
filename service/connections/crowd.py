"""How many requests a process answers at this moment, and which it refuses first when it is full.

Lists and reports go first, then deliveries of senders that did not prove themselves lately. What
the shop works with is never refused for the crowd: the next lead, its end, calls, leads by key.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from cachetools import TTLCache

# About half a second of work; requests that wait for a lead or read a stream do not count.
LISTS_UP_TO = 400
STRANGERS_UP_TO = 800
MAX_ADDRESSES = 10_000
REMEMBERED_SECONDS = 24 * 3600


class Crowd:
    """Counts the requests under way, and remembers which addresses proved themselves."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.present = 0
        self._entered = _Entered(self)
        self._proven: TTLCache[str, None] = TTLCache(MAX_ADDRESSES, REMEMBERED_SECONDS, now)

    def entered(self) -> AbstractContextManager[None]:
        """Count a request while the block runs."""
        return self._entered

    def remember(self, address: str) -> None:
        """A sender at this address proved itself."""
        self._proven[address] = None

    @property
    def refuses_lists(self) -> bool:
        """Whether lists and reports are refused now."""
        return self.present > LISTS_UP_TO

    def refuses(self, address: str) -> bool:
        """Whether deliveries from an address are refused now, before they are read."""
        return self.present > STRANGERS_UP_TO and address not in self._proven


class _Entered(AbstractContextManager[None]):
    """One for all requests: a generator for each would cost as much as the rest of the layer."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd

    def __enter__(self) -> None:
        self._crowd.present += 1

    def __exit__(self, *_: object) -> None:
        self._crowd.present -= 1
