"""How the bare contenders are served, and how they read a body."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


def listen(application: str, port: int, **how: Any) -> None:
    """Listen for an application, named as `module:factory`, without logs and other extras."""
    uvicorn.run(
        application,
        factory=True,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        **how,
    )


async def body_of(receive: Receive) -> bytes:
    """The whole body of a request."""
    message = await receive()
    body: bytes = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    return body
