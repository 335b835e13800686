"""The pages in a real browser, on a service of its own in this process."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from service.main import create_app
from service.resources import Resources
from service.settings import Settings

PATHS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


@dataclass
class Served:
    """A service that listens, and how a test does something with its resources."""

    address: str
    app: Any
    loop: asyncio.AbstractEventLoop

    @property
    def resources(self) -> Resources:
        found: Resources = self.app.state.resources
        return found

    def do(self, doing: Any) -> Any:
        """The result of a coroutine that runs where the service runs."""
        return asyncio.run_coroutine_threadsafe(doing, self.loop).result(20)


@contextlib.contextmanager
def served(settings: Settings, clock: Any = None, port: int = 0) -> Iterator[Served]:
    """The service in a thread of its own, on a port, a free one unless it is given."""
    app = create_app(settings, clock)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()
    running = threading.Thread(
        target=lambda: loop.run_until_complete(server.serve([listener])), daemon=True
    )
    running.start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with httpx.Client() as client:
        for _ in range(200):
            with contextlib.suppress(httpx.TransportError):
                if client.get(f"{address}/healthz").is_success:
                    break
            running.join(0.05)
    try:
        yield Served(address, app, loop)
    finally:
        server.should_exit = True
        running.join(10)
        listener.close()
