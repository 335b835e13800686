"""Who comes while a flight is under way leaves with the next one, all in one go."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

SIZE = 32


class Batch(Generic[Item, Result]):
    """One flight at a time, of as many as wait, without a timer."""

    def __init__(self, carry: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]) -> None:
        self._carry = carry
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._flight: asyncio.Task[None] | None = None

    async def go(self, item: Item) -> Result:
        """What came of this one."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._flight is None:
            self._flight = asyncio.create_task(self._fly())
        return await future

    async def _fly(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:SIZE], self._waiting[SIZE:]
            try:
                results = await self._carry([item for item, _ in some])
            except Exception as error:
                for _, future in some:
                    future.set_exception(error)
                continue
            for (_, future), result in zip(some, results, strict=True):
                future.set_result(result)
        self._flight = None
