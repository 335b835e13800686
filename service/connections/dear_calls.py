"""How many expensive calls of one sort a key may make at the same time; a few more wait."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

AT_ONCE = 2
WAITING = 8  # further calls of the same key and sort are refused at once
WAIT_SECONDS = 5.0

Release = Callable[[], None]


class Crowded(Exception):
    """A key has too many calls of a sort under way, and none ended in time."""


@dataclass(slots=True)
class _Lane:
    """The calls of one sort by one key."""

    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    present: int = 0


class DearCalls:
    """Calls that read or rank much, counted in this process by sort and key."""

    def __init__(self, wait_seconds: float = WAIT_SECONDS) -> None:
        self._wait_seconds = wait_seconds
        self._lanes: dict[tuple[str, UUID], _Lane] = {}

    async def enter(self, sort: str, key: UUID) -> Release:
        """Begin a call when there is room; the returned function ends it. Raises Crowded."""
        lane = self._lanes.setdefault((sort, key), _Lane())
        if lane.present >= AT_ONCE + WAITING:
            raise Crowded
        lane.present += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await lane.room.acquire()
        except BaseException as error:
            self._leave((sort, key), lane)
            if isinstance(error, TimeoutError):
                raise Crowded from None
            raise

        def release() -> None:
            lane.room.release()
            self._leave((sort, key), lane)

        return release

    def _leave(self, place: tuple[str, UUID], lane: _Lane) -> None:
        lane.present -= 1
        if not lane.present:
            self._lanes.pop(place, None)
