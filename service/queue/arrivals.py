"""Waking those who wait for a lead: one waiter for each lead that arrives."""

import asyncio
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager, suppress

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from service.leads.errors import Overloaded
from service.queue.line import Line

log = structlog.get_logger()

PAUSE_SECONDS = 1.0


class Waiter:
    """Somebody who waits for a lead in any of some lanes of some queues."""

    def __init__(self, channels: frozenset[str], lanes: Container[str]) -> None:
        self._channels, self._lanes = channels, lanes
        self._arrived = asyncio.Event()
        self._news = ("", "")

    def concerns(self, channel: str, lane: str) -> bool:
        """Whether a lead in this lane is for this waiter; not once it was woken."""
        return channel in self._channels and lane in self._lanes and not self._arrived.is_set()

    def wake(self, channel: str, lane: str) -> None:
        """Wake the waiter: something arrived there."""
        self._news = (channel, lane)
        self._arrived.set()

    def release(self) -> None:
        """End the waiting; nothing arrived."""
        self._news = ("", "")
        self._arrived.set()

    @property
    def unheard(self) -> tuple[str, str] | None:
        """Where something arrived that the waiter was woken for and did not look at."""
        return self._news if self._arrived.is_set() else None

    async def sleep(self, seconds: float) -> None:
        """Wait until woken, or for so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._arrived.wait()

    def looks(self) -> None:
        """The waiter looks now: arrivals so far are seen."""
        self._arrived.clear()


class Arrivals:
    """Listens to the line's channels and wakes the longest-waiting of those concerned."""

    def __init__(self, redis: Redis, line: Line, *, limit: int) -> None:
        self._redis, self._line, self._most = redis, line, limit
        self._waiters: dict[Waiter, None] = {}
        self.ended = False

    @contextmanager
    def waiter(self, queues: Sequence[str], lanes: Container[str]) -> Iterator[Waiter]:
        """A place among those who wait; raises Overloaded when all places are taken."""
        if len(self._waiters) >= self._most:
            raise Overloaded(f"{self._most} operators wait already; ask again in a moment.")
        channels = frozenset(self._line.keys(queue).arrivals for queue in queues)
        waiter = Waiter(channels, lanes)
        self._waiters[waiter] = None
        try:
            yield waiter
        finally:
            del self._waiters[waiter]
            if waiter.unheard is not None:
                self.announce(*waiter.unheard)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiters)

    def end(self) -> None:
        """Let everybody stop waiting: this process ends."""
        self.ended = True
        for waiter in self._waiters:
            waiter.release()

    def announce(self, channel: str, lane: str) -> None:
        """Wake one waiter whom a lead in this lane concerns."""
        for waiter in self._waiters:
            if waiter.concerns(channel, lane):
                waiter.wake(channel, lane)
                return

    async def listen_always(self) -> None:
        """Listen, for ever; a lost connection is made again."""
        while True:
            try:
                await self._listen()
            except (RedisError, OSError, TimeoutError) as error:
                log.debug("arrivals.deaf", why=type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _listen(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.psubscribe(self._line.keys("*").arrivals)
            while True:
                message = await subscription.get_message(timeout=None)
                if message is not None:
                    self.announce(message["channel"], message["data"])
