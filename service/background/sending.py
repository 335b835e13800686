"""Send events while the process runs: each subscription at its own pace.

A receiver that hangs delays no other subscription.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from service.background_task import stop
from service.flows.events.send_events import (
    forget_old_deliveries,
    names_due,
    pass_events_on,
    send_due,
)
from service.leads.errors import NextleadError
from service.resources import Resources

log = structlog.get_logger()

FORGET_EVERY = timedelta(minutes=10)


class Sending:
    """The events that this process is sending, by subscription."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._news: dict[str, asyncio.Event] = {}
        self._forget_at = datetime.min.replace(tzinfo=UTC)

    async def send_events(self, resources: Resources) -> None:
        """Pass new events on, and start or wake the sending of every due subscription."""
        await pass_events_on(resources)
        for name in await names_due(resources):
            if name in self._under_way:
                self._news[name].set()
            else:
                self._begin(resources, name)
        if resources.clock.now() >= self._forget_at:
            await forget_old_deliveries(resources)
            self._forget_at = resources.clock.now() + FORGET_EVERY

    def _begin(self, resources: Resources, name: str) -> None:
        news = self._news[name] = asyncio.Event()
        task = self._under_way[name] = asyncio.create_task(_send(resources, name, news))
        task.add_done_callback(partial(self._end, name))

    def _end(self, name: str, _task: "asyncio.Task[None]") -> None:
        del self._under_way[name], self._news[name]

    async def stop(self) -> None:
        """Stop sending; unfinished events are taken again by a process that lives then."""
        await stop([*self._under_way.values()])


@asynccontextmanager
async def sending() -> AsyncIterator[Sending]:
    """The sending of this process; it stops when the block ends."""
    under_way = Sending()
    try:
        yield under_way
    finally:
        await under_way.stop()


async def _send(resources: Resources, name: str, news: asyncio.Event) -> None:
    try:
        await send_due(resources, name, news)
    except NextleadError as error:
        log.warning("subscription.failed", subscription=name, why=str(error))
    except Exception:  # an error of one subscription must not end the chore
        log.exception("subscription.failed", subscription=name)
