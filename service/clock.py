"""The one clock. Everything that needs the time is handed it, or asks here."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A source of the present time: the database's in service, a driven one in tests."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class DatabaseClock:
    """The database's time between two looks at it, so that replicas agree on one clock.

    `set` is given the database's time whenever it was asked for; the machine's monotonic timer
    carries it on from there, and a machine whose own clock is wrong does no harm.
    """

    def __init__(self) -> None:
        self._at = time.time()  # noqa: TID251  until the database is asked
        self._measured = time.monotonic()

    def set(self, now: datetime) -> None:
        """Take over the database's time, just read."""
        self._at, self._measured = now.timestamp(), time.monotonic()

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.fromtimestamp(self._at + time.monotonic() - self._measured, UTC)
