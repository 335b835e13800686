"""Watches the event loop: which task holds it for too long, so that nobody else is served.

A beat is due on the loop fifty times a second. While one is late, a thread looks which task runs.
Between two beats each task runs at most once, so a task that is seen again is still in one step.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from service.metrics.families import LOOP_HOLDS, LOOP_LONGEST

BEAT_SECONDS = 0.02
LOOK_SECONDS = 0.01
TOO_LONG_SECONDS = 0.05
CALLBACK, UNKNOWN = "callback", "unknown"
WORKING, WAITING = "working", "waiting"

# Requests under way: what finds the route of each, which is known when it was found.
Named = tuple[Callable[[MutableMapping[str, Any]], str | None], MutableMapping[str, Any]]
REQUESTS: dict["asyncio.Task[Any] | None", Named] = {}


class LoopWatch:
    """Counts the holds of one loop. Times are those of `time.monotonic`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._due = time.monotonic() + BEAT_SECONDS
        self._worked = 0.0
        self._longest = 0.0
        self._next: asyncio.TimerHandle | None = None
        self.seen: list[str] = []

    def look(self, now: float) -> None:
        """Note which task runs, if the beat is late."""
        if now > self._due + LOOK_SECONDS:
            self.seen.append(_name_of(asyncio.current_task(self._loop)))

    def beat(self, now: float, worked: float) -> None:
        """Count a hold if the beat is late for one task; `worked` is the thread's own time."""
        late, seen, self.seen = now - self._due, self.seen, []
        if late > TOO_LONG_SECONDS:
            name, times = Counter(seen or [UNKNOWN]).most_common(1)[0]
            self._count(late * times / max(1, len(seen)), name, worked - self._worked > late / 2)
        self._due, self._worked = now + BEAT_SECONDS, worked

    def keep_beat(self) -> None:
        """Beat now, and again and again."""
        self.beat(time.monotonic(), time.thread_time())
        self._next = self._loop.call_later(BEAT_SECONDS, self.keep_beat)

    def stop(self) -> None:
        """Beat no more."""
        if self._next is not None:
            self._next.cancel()

    def _count(self, seconds: float, name: str, has_worked: bool) -> None:
        if seconds > TOO_LONG_SECONDS:
            LOOP_HOLDS.observe(seconds, name, WORKING if has_worked else WAITING)
            self._longest = max(self._longest, seconds)
            LOOP_LONGEST.set(self._longest)


@contextmanager
def watched_loop() -> Iterator[LoopWatch]:
    """Watch the running loop for the time of the block."""
    loop, stopped = asyncio.get_running_loop(), threading.Event()
    watch = LoopWatch(loop)

    def look_on() -> None:
        while not stopped.wait(LOOK_SECONDS):
            watch.look(time.monotonic())

    watch.keep_beat()
    thread = threading.Thread(target=look_on, name="loop watch", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.stop()
        stopped.set()


def _name_of(task: "asyncio.Task[Any] | None") -> str:
    """The route of a request, else the function of a task; never an address or a name."""
    if task is None:
        return CALLBACK
    if (named := REQUESTS.get(task)) is not None:
        route, scope = named
        return route(scope) or UNKNOWN
    return getattr(task.get_coro(), "__qualname__", UNKNOWN)
