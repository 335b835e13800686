"""All connections of a process: unproven ones are counted by address, slow ones are ended."""

import asyncio
import resource
from collections import defaultdict
from collections.abc import Iterator
from typing import Protocol

from service.connections.limits import (
    MAX_CONNECTIONS,
    MAX_UNPROVEN,
    MAX_UNPROVEN_AT_ONCE,
    SPARE_DESCRIPTORS,
    SWEEP_SECONDS,
    YOUNG_SECONDS,
)


class Guarded(Protocol):
    """What the registry needs of a connection; times are the loop's, in seconds."""

    opened_at: float

    def is_idle(self) -> bool:
        """Whether none of its requests is being answered."""

    def check_time(self, now: float) -> None:
        """End the connection when its head or body takes too long."""

    def end(self) -> None:
        """Close the connection at once."""


class Registry:
    """The connections of one process; those without proof also by address."""

    def __init__(self, max_connections: int | None = None) -> None:
        self._max_connections = max_connections or _max_connections()
        self._all: set[Guarded] = set()
        self._unproven: defaultdict[str, dict[Guarded, None]] = defaultdict(dict)
        self._sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._all)

    def unproven(self, address: str) -> int:
        """How many unproven connections an address has."""
        return len(self._unproven.get(address, ()))

    def admit(self, connection: Guarded, address: str | None, now: float) -> bool:
        """Admit a new connection; False when there is no place for it.

        `address` is None for a trusted proxy, which speaks for many clients. When an address has
        too many unproven connections, the oldest idle one that is at least a second old is ended.
        """
        if len(self._all) >= self._max_connections:
            return False
        if address is not None:
            unproven = self._unproven[address]
            if len(unproven) >= MAX_UNPROVEN and not self._make_room(unproven, now):
                return False
            unproven[connection] = None
        self._all.add(connection)
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._look)
        return True

    def prove(self, connection: Guarded, address: str | None) -> None:
        """Count the connection as proven: a key, session or signature was valid."""
        if address is not None and (unproven := self._unproven.get(address)) is not None:
            unproven.pop(connection, None)
            if not unproven:
                del self._unproven[address]

    def forget(self, connection: Guarded, address: str | None) -> None:
        """The connection was closed."""
        self._all.discard(connection)
        self.prove(connection, address)

    def _make_room(self, unproven: dict[Guarded, None], now: float) -> bool:
        for candidate in _oldest(unproven):
            if now - candidate.opened_at < YOUNG_SECONDS:
                break
            if candidate.is_idle():
                unproven.pop(candidate)
                candidate.end()
                return True
        return len(unproven) < MAX_UNPROVEN_AT_ONCE

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in tuple(self._all):
            connection.check_time(now)
        self._sweep = loop.call_later(SWEEP_SECONDS, self._look) if self._all else None


def _oldest(unproven: dict[Guarded, None]) -> Iterator[Guarded]:
    """In the order of their arrival, which a dict keeps."""
    yield from tuple(unproven)


def _max_connections() -> int:
    """The limit from the process's file descriptors, with some to spare."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(64, min(MAX_CONNECTIONS, descriptors - SPARE_DESCRIPTORS))
