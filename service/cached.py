"""Caches values that every request needs: one reading serves all callers for a moment."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from cachetools import LRUCache

from service.leads.errors import NextleadError

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
REMEMBERED = 1000


class Cached(Generic[Value]):
    """A stored value, at most `seconds` old.

    Only one reading is under way, however many callers there are. If it fails, all who wait for it
    get its error, and so do all callers of the next `failed_seconds`, because a dead server takes
    seconds to fail.
    """

    def __init__(
        self, read: Callable[[], Awaitable[Value]], seconds: float, failed_seconds: float = 0.0
    ) -> None:
        self._read, self._seconds, self._failed_seconds = read, seconds, failed_seconds
        self._existing: Value | NextleadError = NextleadError("never read")
        self._stale_at = 0.0
        self._reading: asyncio.Task[Value] | None = None

    async def value(self) -> Value:
        """The value; raises the error of its reading."""
        if time.monotonic() >= self._stale_at:
            if self._reading is None:
                self._reading = asyncio.create_task(self._read_again())
            return await asyncio.shield(self._reading)
        if isinstance(self._existing, NextleadError):
            raise type(self._existing)(str(self._existing))
        return self._existing

    def existing(self) -> Value | None:
        """The value as it was last read, however old; None if it never was, or could not be."""
        return None if isinstance(self._existing, NextleadError) else self._existing

    async def newer(self, seen: Value) -> Value:
        """A value read after `seen`, which lacks something; all others use theirs meanwhile."""
        if self._existing is seen and self._reading is None:
            self._reading = asyncio.create_task(self._read_again())
        return await (self.value() if self._reading is None else asyncio.shield(self._reading))

    def forget(self, seen: Value | None = None) -> None:
        """Read again from now on, because the value was changed here or `seen` lacks something.

        A reading that is under way only serves those who asked before.
        """
        if seen is None or (seen is self._existing and self._stale_at):
            self._stale_at, self._reading = 0.0, None

    async def _read_again(self) -> Value:
        this = asyncio.current_task()
        try:
            existing = await self._read()
        except NextleadError as error:
            self._end(this, error, self._failed_seconds)
            raise
        except BaseException:
            self._reading = None if self._reading is this else self._reading
            raise
        self._end(this, existing, self._seconds)
        return existing

    def _end(
        self, reading: asyncio.Task[Value] | None, existing: Value | NextleadError, seconds: float
    ) -> None:
        if self._reading is reading:  # else the value was changed since the reading began
            self._reading = None
            self._existing, self._stale_at = existing, time.monotonic() + seconds


class SharedReadings(Generic[Key, Value]):
    """Values by key, each at most `fresh` old by the service's clock, read once for all callers."""

    def __init__(self, fresh: timedelta) -> None:
        self._fresh = fresh
        self._existing: LRUCache[Key, tuple[datetime, Value]] = LRUCache(maxsize=REMEMBERED)
        self._reading: defaultdict[Key, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, key: Key, now: datetime, read: Callable[[], Awaitable[Value]]) -> Value:
        """The value of a key; raises the error of its reading."""
        async with self._reading[key]:
            existing = self._existing.get(key)
            if existing is None or not now - self._fresh < existing[0] <= now:
                existing = self._existing[key] = now, await read()
            return existing[1]

    def clear(self) -> None:
        """Read every value again from now on."""
        self._existing.clear()
