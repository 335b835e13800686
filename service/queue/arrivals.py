"""Wakes the operators who wait for a lead: one waiter for each lead that arrives."""

import asyncio
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from service.background_task import stop
from service.leads.errors import LineUnavailable
from service.queue.line import Line
from service.queue.places import WaitingPlaces
from service.queue.redis_keys import queue_of

log = structlog.get_logger()

PAUSE_SECONDS = 1.0
UNCLAIMED_SECONDS = 0.2  # after this time the next waiter is woken for the same lead


class Waiter:
    """One request that waits for a lead in some lanes of some queues."""

    def __init__(self, channels: frozenset[str], lanes: Container[str]) -> None:
        self._channels, self._lanes = channels, lanes
        self._arrived = asyncio.Event()
        self._news = ("", "")

    def concerns(self, channel: str, lane: str) -> bool:
        """Whether a lead in this lane is for this waiter; False once the waiter was woken."""
        return channel in self._channels and lane in self._lanes and not self._arrived.is_set()

    def wake(self, channel: str, lane: str) -> None:
        """Wake the waiter for an arrival in this lane."""
        self._news = (channel, lane)
        self._arrived.set()

    def release(self) -> None:
        """End the waiting without an arrival."""
        self._news = ("", "")
        self._arrived.set()

    @property
    def unheard(self) -> tuple[str, str] | None:
        """The arrival that the waiter was woken for but did not look at."""
        return self._news if self._arrived.is_set() else None

    async def sleep(self, seconds: float) -> None:
        """Wait until woken, at most for `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._arrived.wait()

    def looks(self) -> None:
        """The waiter looks at the line now, so earlier arrivals are seen."""
        self._arrived.clear()


@dataclass(frozen=True, slots=True)
class AnnouncedLead:
    """A lead that arrived: the channel of the message, its lane and its id."""

    channel: str
    lane: str
    lead_id: str


@dataclass(slots=True)
class Unclaimed:
    """Who was woken for a lead, and when to wake the next one, by the loop's time."""

    next_at: float
    woken: set[Waiter] = field(default_factory=set)


class Arrivals:
    """Listens to the line's channels and wakes the waiter who has waited longest.

    If nobody claims the lead within 0.2 s, the next waiter is woken, and so on.
    """

    def __init__(self, redis: Redis, line: Line, *, places: WaitingPlaces) -> None:
        self._redis, self._line, self._places = redis, line, places
        self._waiters: dict[Waiter, None] = {}
        self._unclaimed: dict[AnnouncedLead, Unclaimed] = {}
        self._look: asyncio.Task[None] | None = None
        self.ended = False

    @contextmanager
    def waiter(
        self, queues: Sequence[str], lanes: Container[str], operator: str | None = None
    ) -> Iterator[Waiter]:
        """A waiter for the time of the block; an operator takes one place however often they wait.

        Raises Overloaded when all places are taken.
        """
        channels = frozenset(self._line.keys(queue).arrivals for queue in queues)
        waiter = Waiter(channels, lanes)
        with self._places.taken(operator or f"waiter {id(waiter)}"):
            self._waiters[waiter] = None
            try:
                yield waiter
            finally:
                del self._waiters[waiter]
                if waiter.unheard is not None:
                    self.announce(*waiter.unheard)

    @property
    def waiting(self) -> int:
        """How many waiters there are."""
        return len(self._waiters)

    def end(self) -> None:
        """End all waiting, because this process ends."""
        self.ended = True
        for waiter in self._waiters:
            waiter.release()

    def announce(self, channel: str, lane: str, lead_id: str = "") -> None:
        """Wake one waiter for a lead in this lane, and the next one if nobody claims it."""
        waiter = self._wake_one(channel, lane, ())
        if waiter is None or not lead_id:
            return
        next_at = asyncio.get_running_loop().time() + UNCLAIMED_SECONDS
        self._unclaimed[AnnouncedLead(channel, lane, lead_id)] = Unclaimed(next_at, {waiter})
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._look_after_unclaimed())

    async def listen_always(self) -> None:
        """Listen without end; a lost connection is opened again."""
        try:
            while True:
                try:
                    await self._listen()
                except (RedisError, OSError, TimeoutError) as error:
                    log.debug("arrivals.deaf", why=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            if self._look is not None:
                await stop([self._look])

    async def _listen(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.psubscribe(self._line.keys("*").arrivals)
            while True:
                message = await subscription.get_message(timeout=None)
                if message is not None:
                    lane, _, lead_id = message["data"].partition(" ")
                    self.announce(message["channel"], lane, lead_id)

    def _wake_one(self, channel: str, lane: str, but: Container[Waiter]) -> Waiter | None:
        for waiter in self._waiters:
            if waiter not in but and waiter.concerns(channel, lane):
                waiter.wake(channel, lane)
                return waiter
        return None

    async def _look_after_unclaimed(self) -> None:
        """Wake the next waiters for leads that still wait; each waiter is woken once for a lead."""
        loop = asyncio.get_running_loop()
        while self._unclaimed:
            first = min(item.next_at for item in self._unclaimed.values())
            await asyncio.sleep(first - loop.time())
            now = loop.time()
            due = [item for item, state in self._unclaimed.items() if state.next_at <= now]
            waiting = await self._those_that_wait(due)
            for arrival in due:
                state = self._unclaimed[arrival]
                waiter = None
                if arrival in waiting:
                    waiter = self._wake_one(arrival.channel, arrival.lane, state.woken)
                if waiter is None:
                    del self._unclaimed[arrival]
                else:
                    state.woken.add(waiter)
                    state.next_at = now + UNCLAIMED_SECONDS

    async def _those_that_wait(self, arrivals: Sequence[AnnouncedLead]) -> Container[AnnouncedLead]:
        """The leads that nobody has reserved or claimed; none when the line does not answer."""

        def fill(pipeline: Any) -> None:
            for item in arrivals:
                lanes = self._line.keys(queue_of(item.channel)).lanes
                pipeline.zscore(lanes + item.lane, item.lead_id)

        try:
            places = await self._line.scripts.ask(fill)
        except LineUnavailable:
            return ()
        return {item for item, place in zip(arrivals, places, strict=True) if place is not None}
