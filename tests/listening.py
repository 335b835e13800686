"""A program that listens to a stream of the application, without a network between them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from inspect import isawaitable
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.types import Message

from service.background_task import stop

PATIENCE_SECONDS = 60
SECRET = "a key of all scopes, for tests"  # as conftest puts it


class Heard:
    """What came by a stream: its status, and its events as (id, type, message)."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.has_ended = False
        self._news = asyncio.Condition()

    @property
    def blocks(self) -> list[dict[str, str]]:
        """The fields of each block; a comment's name is empty."""
        whole = self.body.decode().split("\n\n")[:-1]
        return [dict(line.split(": ", 1) for line in block.split("\n")) for block in whole]

    def events(self, kind: str = "") -> list[tuple[str | None, dict[str, Any]]]:
        """Ids and messages of the events, of one type or of all."""
        return [
            (block.get("id"), orjson.loads(block["data"]))
            for block in self.blocks
            if "event" in block and block["event"].startswith(kind)
        ]

    async def until(self, holds: Callable[["Heard"], Any]) -> Any:
        """Wait until it holds of what came."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._news:
            await self._news.wait_for(lambda: holds(self))
        return holds(self)

    async def take(self, message: Message) -> None:
        async with self._news:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            else:
                self.body += message.get("body", b"")
                self.has_ended = not message.get("more_body")
            self._news.notify_all()


async def until(holds: Callable[[], Any]) -> None:
    """Let others go on until it holds; it may have to be awaited."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = holds()
            if await found if isawaitable(found) else found:
                return
            await asyncio.sleep(0)


@asynccontextmanager
async def listening(
    app: FastAPI, path: str, key: str, last: str | None = None
) -> AsyncIterator[Heard]:
    """Listen while the block runs; it begins once the stream says where it stands."""
    heard, left = Heard(), asyncio.Event()
    headers = [(b"authorization", f"Bearer {key}".encode())]
    if last is not None:
        headers.append((b"last-event-id", last.encode()))
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("nextlead", 80),
        "scheme": "http",
        "http_version": "1.1",
        "root_path": "",
        "state": {},
    }

    async def receive() -> Message:
        await left.wait()
        return {"type": "http.disconnect"}

    async def listen() -> None:
        await app(scope, receive, heard.take)

    task = asyncio.create_task(listen())
    try:
        await heard.until(lambda it: it.has_ended or "id" in "".join(map(str, it.blocks)))
        yield heard
        left.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await task
    finally:
        await stop([task])
