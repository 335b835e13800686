"""The end of a process: waiting callers get an answer, and a cut request can be sent again."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX = "urn:nextlead:problem:"
RETRY_SECONDS = 1
ENDING = (
    503,
    "ending",
    "The service is being restarted",
    "This process ends. Send the request again; another process answers it.",
)


class Shutdown:
    """Whether the process is ending, and the callbacks for that moment."""

    def __init__(self) -> None:
        self.has_begun = False
        self._callbacks: list[Callable[[], None]] = []

    def begin(self) -> None:
        """The process was asked to end; further calls do nothing."""
        if not self.has_begun:
            self.has_begun = True
            for callback in self._callbacks:
                callback()

    @contextmanager
    def when_begun(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call `callback` when the process begins to end, for the time of the block."""
        self._callbacks.append(callback)
        try:
            yield
        finally:
            self._callbacks.remove(callback)


ending = Shutdown()


class AnswersWhenCut:
    """Answers 503 with Retry-After when the end of the process cancels a request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; without an answer here the caller would get a bare 500."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_started = False

        async def watched(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except asyncio.CancelledError:
            if has_started or not ending.has_begun:
                raise
            await _answer(send)


async def _answer(send: Send) -> None:
    status, name, title, detail = ENDING
    problem = {"type": PREFIX + name, "title": title, "status": status, "detail": detail}
    body = json.dumps(problem).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(RETRY_SECONDS).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
