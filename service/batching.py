"""Batching: items submitted while a batch is in flight go out together in the next one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from service.leads.errors import Overloaded
from service.logs import REQUEST_ID
from service.metrics.families import BATCH_SIZE, BATCH_WAIT
from service.tracing.spans import NOTHING, TRACEPARENT, link, span

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Collect items of concurrent callers and handle them together, without a timer.

    A lone item goes out at the end of the loop's present tick, so batching costs it nothing. Under
    load a batch fills while earlier batches are in flight.
    """

    def __init__(
        self,
        carry: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        name: str = "other",
        size: int = 32,
        max_in_flight: int = 2,
        patience_seconds: float = 0.0,
        max_waiting: int = 10_000,
        timeout_seconds: float = 10.0,
    ) -> None:
        """`carry` returns one result or exception for each item, in order; `name` is for metrics.

        Statements that wait for no lock use `max_in_flight=1`: two batches at once are smaller, and
        each costs more. Those that may wait for one have `patience_seconds`: a batch that is not
        full waits so long for the last one, and then goes out beside it.

        `max_waiting` limits how many callers wait, `timeout_seconds` how long one waits.
        """
        self._carry, self._size, self._max_waiting = carry, size, max_waiting
        self._name = name
        self._timeout_seconds = timeout_seconds
        self._slots = self._free_slots = max_in_flight
        self._patience_seconds, self._left_at = patience_seconds, 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: deque[tuple[Item, asyncio.Future[Result], float, str | None]] = deque()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._scheduled = False

    async def submit(self, item: Item) -> Result:
        """Return the item's own result; raises Overloaded when too many wait, or its own error."""
        if len(self._waiting) >= self._max_waiting:
            raise Overloaded(f"{self._max_waiting} requests wait already; try again in a moment.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, future, loop.time(), link()))
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._dispatch)
        return await future

    async def drain(self) -> None:
        """Wait until nothing waits and nothing is in flight."""
        while self._in_flight or self._waiting:
            await asyncio.gather(*self._in_flight, return_exceptions=True)
            await asyncio.sleep(0)

    def _dispatch(self) -> None:
        self._scheduled = False
        while self._waiting and self._free_slots and not self._is_patient():
            if items := self._next_items():
                self._free_slots -= 1
                self._left_at = asyncio.get_running_loop().time()
                self._in_flight.add(task := asyncio.create_task(self._run(items)))
                task.add_done_callback(self._in_flight.discard)

    def _is_patient(self) -> bool:
        """Whether what waits goes on waiting for a batch under way; then it looks again in time."""
        is_alone, is_full = self._free_slots == self._slots, len(self._waiting) >= self._size
        if not self._patience_seconds or is_alone or is_full:
            return False
        loop = asyncio.get_running_loop()
        left = self._left_at + self._patience_seconds - loop.time()
        if left > 0 and self._timer is None:
            self._timer = loop.call_later(left, self._look_again)
        return left > 0

    def _look_again(self) -> None:
        self._timer = None
        self._dispatch()

    def _next_items(self) -> list[tuple[Item, asyncio.Future[Result], str | None]]:
        items: list[tuple[Item, asyncio.Future[Result], str | None]] = []
        now = asyncio.get_running_loop().time()
        first, too_long_ago = now, now - self._timeout_seconds
        while self._waiting and len(items) < self._size:
            item, future, since, caller = self._waiting.popleft()
            if future.done():
                continue
            if since < too_long_ago:
                future.set_exception(Overloaded("It waited too long; try again in a moment."))
            else:
                first = min(first, since)
                items.append((item, future, caller))
        if items:
            BATCH_SIZE.observe(len(items), self._name)
            BATCH_WAIT.observe(now - first, self._name)
        return items

    async def _run(self, items: list[tuple[Item, asyncio.Future[Result], str | None]]) -> None:
        results: Sequence[Result | Exception]
        REQUEST_ID.set(None)  # a batch belongs to many requests
        TRACEPARENT.set(None)
        try:
            callers = [caller for *_, caller in items if caller]
            with span("batch", callers) if callers else NOTHING as recorded:
                recorded.set("nextlead.batch", self._name)
                results = await self._carry([item for item, *_ in items])
            if len(results) != len(items):
                raise RuntimeError(f"{len(items)} items, {len(results)} results")
        except Exception as error:  # every caller gets the error, nobody waits for ever
            results = [error] * len(items)
        finally:
            self._free_slots += 1
            self._dispatch()
        for (_, future, _), result in zip(items, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
