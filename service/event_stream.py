"""Server-sent events: an answer that stays open and is written as events come."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from service.background_task import stop
from service.connections.bounded_protocol import end_connection
from service.flows.events.follow_events import missed_by
from service.leads.errors import StorageUnavailable
from service.leads.event_position import Cursor
from service.leads.stream_message import BEAT, position_message, retry_message
from service.queue.listeners import Listener
from service.queue.mailbox import Mailbox
from service.resources import Resources

BEAT_SECONDS = 15.0
BEGIN_SECONDS = 5.0
RETRY_MILLISECONDS = (500, 2500)  # spread, so that not all clients reconnect at once
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}  # nginx passes each event on


class EventStream(Response):
    """Writes a listener's messages until the client leaves, is cut off, or the process ends.

    A beat is written after 15 s without a message. `is_alive` is called as often, and the stream
    ends when it is false. A client that does not read a message within 15 s is cut off.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        resources: Resources,
        listener: Listener,
        last: Cursor | None,
        is_alive: Callable[[], Awaitable[bool]],
    ) -> None:
        """With `last`, the events missed since then come first."""
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._resources, self._listener = resources, listener
        self._last, self._is_alive = last, is_alive

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Register the listener while the answer is written; raises Overloaded before it begins."""
        mailbox = self._listener.mailbox
        with self._resources.listeners.listening(self._listener):
            begin = await begun(self._listener)
            left = asyncio.create_task(_cut_when_left(receive, mailbox))
            try:
                await send(self._head())
                async for message in self._messages(begin):
                    await _write(send, message)
                if not mailbox.is_cut:
                    await send({"type": "http.response.body", "body": b""})
            except TimeoutError:
                mailbox.cut_slow()
            finally:
                if mailbox.is_cut and end_connection(scope):
                    await asyncio.wait([left], timeout=1)
                await stop([left])

    def _head(self) -> Message:
        headers = self.raw_headers
        return {"type": "http.response.start", "status": self.status_code, "headers": headers}

    async def _messages(self, begin: Cursor) -> AsyncIterator[bytes]:
        yield retry_message(random.randint(*RETRY_MILLISECONDS))  # noqa: S311
        if self._last is not None:
            async for missed in missed_by(self._resources, self._listener, self._last, begin):
                yield missed
        if self._last is None or self._last.position < begin.position:
            yield position_message(begin)
        async for message in self.news():
            yield message

    async def news(self) -> AsyncIterator[bytes]:
        """What is told from now on, and beats between."""
        mailbox, loop = self._listener.mailbox, asyncio.get_running_loop()
        asked_at = float("-inf")
        while not mailbox.is_cut:
            if loop.time() >= asked_at + BEAT_SECONDS:
                if not await self._is_alive():
                    return
                asked_at = loop.time()
            news = await mailbox.take(BEAT_SECONDS)
            if news or not mailbox.is_closed:
                yield news or BEAT
            else:
                return


async def begun(listener: Listener) -> Cursor:
    """Where a listener begins to be told; raises StorageUnavailable when that is not known soon."""
    try:
        async with asyncio.timeout(BEGIN_SECONDS):
            await listener.has_begun.wait()
    except TimeoutError:
        message = "The events cannot be read at present; connect again in a moment."
        raise StorageUnavailable(message) from None
    assert listener.since is not None
    return listener.since


async def _write(send: Send, message: bytes) -> None:
    if message:
        async with asyncio.timeout(BEAT_SECONDS):
            await send({"type": "http.response.body", "body": message, "more_body": True})


async def _cut_when_left(receive: Receive, mailbox: Mailbox) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    mailbox.cut()
