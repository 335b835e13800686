"""Many callers, one journey: what arrives while a flight is under way leaves with the next."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from service.leads.errors import Overloaded

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batch(Generic[Item, Result]):
    """Collects items of concurrent callers and carries them together, without a timer.

    A lone caller leaves at the end of the present tick of the loop, so batching costs him nothing;
    under load a batch fills while the flights before it are under way.
    """

    def __init__(
        self,
        carry: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        size: int = 32,
        flights: int = 2,
        room: int = 10_000,
        patience_seconds: float = 10.0,
    ) -> None:
        """`carry` answers one result or exception per item, in order.

        `room` bounds how many wait, `patience_seconds` how long: who waited longer is refused.
        """
        self._carry, self._size, self._room = carry, size, room
        self._patience_seconds = patience_seconds
        self._free_flights = flights
        self._waiting: deque[tuple[Item, asyncio.Future[Result], float]] = deque()
        self._flying: set[asyncio.Task[None]] = set()
        self._boarding = False

    async def submit(self, item: Item) -> Result:
        """The item's own result; raises Overloaded when no room is left, else what `carry` says."""
        if len(self._waiting) >= self._room:
            raise Overloaded(f"{self._room} requests wait already; ask again in a moment.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, future, loop.time()))
        if not self._boarding:
            self._boarding = True
            loop.call_soon(self._board)
        return await future

    async def land(self) -> None:
        """Wait until everything under way has arrived."""
        while self._flying or self._waiting:
            await asyncio.gather(*self._flying, return_exceptions=True)
            await asyncio.sleep(0)

    def _board(self) -> None:
        self._boarding = False
        while self._waiting and self._free_flights:
            if passengers := self._next_passengers():
                self._free_flights -= 1
                self._flying.add(flight := asyncio.create_task(self._fly(passengers)))
                flight.add_done_callback(self._flying.discard)

    def _next_passengers(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        passengers: list[tuple[Item, asyncio.Future[Result]]] = []
        too_long_ago = asyncio.get_running_loop().time() - self._patience_seconds
        while self._waiting and len(passengers) < self._size:
            item, future, since = self._waiting.popleft()
            if future.done():
                continue
            if since < too_long_ago:
                future.set_exception(Overloaded("It waited too long; ask again in a moment."))
            else:
                passengers.append((item, future))
        return passengers

    async def _fly(self, passengers: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        results: Sequence[Result | Exception]
        try:
            results = await self._carry([item for item, _ in passengers])
            if len(results) != len(passengers):
                raise RuntimeError(f"{len(passengers)} items, {len(results)} results")
        except Exception as error:  # every caller is told, nobody waits for ever
            results = [error] * len(passengers)
        finally:
            self._free_flights += 1
            self._board()
        for (_, future), result in zip(passengers, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
