"""All connections of a process: counted by address until they show proof, ended when slow."""

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
    """What the registry needs of a connection; times are those of the loop, in seconds."""

    opened_at: float

    def is_idle(self) -> bool:
        """Whether no request of it is being answered."""

    def check_time(self, now: float) -> None:
        """End the connection when its head or body takes too long."""

    def end(self) -> None:
        """Close the connection at once."""


class Registry:
    """The connections of one process, those without proof by address."""

    def __init__(self, max_connections: int | None = None) -> None:
        self._max_connections = max_connections or _max_connections()
        self._all: set[Guarded] = set()
        self._unproven: defaultdict[str, dict[Guarded, None]] = defaultdict(dict)
        self._sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._all)

    def unproven(self, address: str) -> int:
        """How many connections of an address have shown no proof."""
        return len(self._unproven.get(address, ()))

    def admit(self, connection: Guarded, address: str | None, now: float) -> bool:
        """Take a new connection in; False when there is no place for it.

        `address` is None where the peer is a trusted proxy: it speaks for many. Of one address the
        oldest connection without proof is ended for a new one, once it had its second.
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
        """A valid key, session or signature came by this connection."""
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
    """In the order in which they came: a dict keeps it."""
    yield from tuple(unproven)


def _max_connections() -> int:
    """As many as the process has descriptors for, with some to spare."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(64, min(MAX_CONNECTIONS, descriptors - SPARE_DESCRIPTORS))
