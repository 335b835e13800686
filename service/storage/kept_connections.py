"""Keeps some connections of a pool at hand for hot statements.

To take a connection from asyncpg's pool and to give it back costs more than most statements: tasks,
timers, a proxy. So the last used ones stay taken, unless somebody waits for one.
"""

import time

import asyncpg

Kept = asyncpg.pool.PoolConnectionProxy

IDLE_SECONDS = 240  # then something between here and the server may have forgotten it


class KeptConnections:
    """At most half of a pool's connections; the pool itself stays usable beside them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._most = pool.get_max_size() // 2
        self._free: list[tuple[Kept, float]] = []
        self._waiting = 0

    def __len__(self) -> int:
        """How many are kept and not in use."""
        return len(self._free)

    async def take(self, seconds: float) -> Kept:
        """A connection: the last used one that is kept, else one of the pool within `seconds`."""
        while self._free:
            connection, since = self._free.pop()
            if _is_open(connection) and time.monotonic() - since < IDLE_SECONDS:
                return connection
            await self._pool.release(connection)
        self._waiting += 1
        try:
            return await self._pool.acquire(timeout=seconds)
        finally:
            self._waiting -= 1

    async def give_back(self, connection: Kept, *, is_well: bool) -> None:
        """Keep a connection, or release it to the pool; one that is not well is never kept."""
        has_room = len(self._free) < self._most and not self._waiting
        if is_well and has_room and _is_open(connection):
            self._free.append((connection, time.monotonic()))
        else:
            await self._pool.release(connection)

    async def release_all(self) -> None:
        """Release all that are kept, before the pool is closed."""
        while self._free:
            await self._pool.release(self._free.pop()[0])


def _is_open(connection: Kept) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # it was closed, and the pool has taken it back already
        return False
