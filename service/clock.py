"""The one clock: code that needs the time is given it, or asks here."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A source of the present time: the database's in service, a driven one in tests."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class DatabaseClock:
    """The database's time, carried on between two reads, so that replicas agree on one clock.

    `set` gets the database's time whenever it was read. The machine's monotonic timer carries it
    on, so a wrong clock of the machine does no harm.
    """

    def __init__(self) -> None:
        self._at = time.time()  # noqa: TID251  until the database is asked
        self._measured = time.monotonic()

    def set(self, now: datetime) -> None:
        """Take the database's time, which has just been read."""
        self._at, self._measured = now.timestamp(), time.monotonic()

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.fromtimestamp(self._at + time.monotonic() - self._measured, UTC)
