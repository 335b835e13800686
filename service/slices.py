"""Work on the event loop in slices: everybody else goes on after each of them.

All such work of a process shares one turn in each round of the loop, however much of it there is,
so that others wait for one slice at most.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

ROWS = 20  # leads that are read or written in a slice: some two milliseconds


class Turns:
    """Lets one of those who wait go on in each round of the event loop, in their order."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None  # while turns are given

    async def take(self) -> None:
        """Wait for the next turn; others run meanwhile."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append(turn)
        if self._loop is not loop:
            self._loop = loop
            loop.call_soon(self._give, loop)
        await turn

    def _give(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake the first who still waits, and come again in the next round for the others."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done() and turn.get_loop() is loop:
                turn.set_result(None)
                break
        if self._waiting:
            loop.call_soon(self._give, loop)
        else:
            self._loop = None


TURNS = Turns()


async def in_slices(
    make: Callable[[Given], Made], items: Iterable[Given], size: int = ROWS
) -> list[Made]:
    """What `make` makes of each item, `size` of them at a time."""
    made: list[Made] = []
    for number, item in enumerate(items, 1):
        made.append(make(item))
        if number % size == 0:
            await TURNS.take()
    return made
