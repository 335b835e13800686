"""Keys, operators and queues, remembered for a moment: every request asks for them."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from cachetools import TTLCache

from service.leads.operator import Operator
from service.storage.database import Connection, Database
from service.storage.keys import Key, digest_of, find_key
from service.storage.operators import Queue, find_operator, find_queue

SECONDS = 2.0
ROOM = 10_000

Value = TypeVar("Value")


class Directory:
    """What is known of keys, operators and queues, at most two seconds old."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys: TTLCache[bytes, Key, float] = _cache()
        self._unknown_keys: TTLCache[bytes, None, float] = _cache()
        self._operators: TTLCache[str, Operator, float] = _cache()
        self._queues: TTLCache[str, Queue, float] = _cache()

    async def key(self, secret: str) -> Key | None:
        """The key that a secret opens; None when there is none, or it is revoked.

        Unknown ones are kept apart, so that guesses cannot push the real ones out.
        """
        digest = digest_of(secret)
        if digest in self._unknown_keys:
            return None
        key = self._keys.get(digest)
        if key is None:
            async with self._database.transaction() as connection:
                key = await find_key(connection, digest)
        if key is None or not key.opens(secret):  # compared again: a dict's look-up is not constant
            self._unknown_keys[digest] = None
            return None
        self._keys[digest] = key
        return key

    async def operator(self, name: str) -> Operator:
        """The operator; raises OperatorNotFound."""
        return await self._remember(self._operators, name, find_operator)

    async def queue(self, name: str) -> Queue:
        """The queue; raises QueueNotFound."""
        return await self._remember(self._queues, name, find_queue)

    def forget(self) -> None:
        """Ask anew from now on: something was changed here."""
        for cache in (self._keys, self._unknown_keys, self._operators, self._queues):
            cache.clear()

    async def _remember(
        self,
        cache: "TTLCache[str, Value, float]",
        name: str,
        find: Callable[[Connection, str], Awaitable[Value]],
    ) -> Value:
        value = cache.get(name)
        if value is None:
            async with self._database.transaction() as connection:
                value = await find(connection, name)
            cache[name] = value
        return value


def _cache() -> "TTLCache[Any, Any, float]":
    return TTLCache(maxsize=ROOM, ttl=SECONDS, timer=time.monotonic)
