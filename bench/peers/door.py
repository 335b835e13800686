"""The cheapest door for a queue of others: raw ASGI. `python -m bench.peers.door MODULE`.

Runs in an environment of its own, where nothing of the service is installed.
"""

import json
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from importlib import import_module
from typing import Any, Protocol

from bench.asgi import Receive, body_of, listen

# As much as a lead has: what an operator is shown.
ITEM = {
    **{"channel": "whatsapp", "source": "bench", "queue": "main", "vin": "XTA21099033434343"},
    "customer": {
        **{"external_id": "client-0000001", "name": "Иван Петров", "phone": "+7 900 0000001"},
        **{"email": "client0000001@example.org", "messengers": {"telegram": "id0000001"}},
    },
    "text": "Здравствуйте, есть ли в наличии и сколько стоит с доставкой?",
    "items": [{"name": "Фильтр масляный", "quantity": 2, "price": "640.50"}],
    "attributes": {"page": "/vin", "utm_source": "yandex", "session": "4b645494"},
}

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class Queue(Protocol):
    """What is asked of a queue."""

    async def open(self, url: str) -> None:
        """Connect, and make its tables."""
        ...

    async def fill(self, count: int) -> None:
        """Let so many more items wait."""
        ...

    async def take(self) -> tuple[str, str, object] | None:
        """The id, the token and what is in the first item; None when none waits."""
        ...

    async def finish(self, item: str, token: str) -> bool:
        """End an item; whether it was held."""
        ...

    async def finished(self) -> int:
        """How many are finished, as the store says."""
        ...


class Door:
    """The application."""

    def __init__(self) -> None:
        queue: Queue = import_module(f"bench.peers.{os.environ['PEER']}").Peer()
        self._queue = queue

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "lifespan":
            await receive()
            await self._queue.open(os.environ["PEER_DATABASE_URL"])
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        status, answer = await self._answer(scope["path"], receive)
        body = json.dumps(answer, ensure_ascii=False).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body if status != 204 else b""})

    async def _answer(self, path: str, receive: Receive) -> tuple[int, object]:
        *_, subject, verb = path.split("/")
        if verb == "next":
            taken = await self._queue.take()
            if taken is None:
                return 204, None
            return 200, {"id": taken[0], "token": taken[1], "item": taken[2]}
        if verb == "settle":
            token = json.loads(await body_of(receive))["token"]
            return (200 if await self._queue.finish(subject, token) else 409), {"id": subject}
        if subject == "fill":
            await self._queue.fill(int(verb))
            return 200, None
        return (200, await self._queue.finished()) if verb == "finished" else (404, None)


if __name__ == "__main__":
    os.environ["PEER"] = sys.argv[1]
    listen(
        "bench.peers.door:Door",
        int(os.environ["PEER_PORT"]),
        interface="asgi3",
        timeout_graceful_shutdown=5,
    )
