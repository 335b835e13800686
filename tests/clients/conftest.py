"""The application at an address of this machine, for clients that speak HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext

import pytest
import uvicorn
from fastapi import FastAPI
from listening import SECRET, until
from nextlead_client import AsyncClient, Client
from running import free_port

from service.resources import Resources


class Server(uvicorn.Server):
    """A server beside the tests, whose Ctrl-C is theirs."""

    capture_signals = staticmethod(nullcontext)  # type: ignore[assignment]


@pytest.fixture(scope="session")
async def address(app: FastAPI) -> AsyncIterator[str]:
    port = free_port()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, lifespan="off", log_level="critical", loop="none"
    )
    config.timeout_graceful_shutdown = 1
    server = Server(config)
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


@pytest.fixture
async def aclient(address: str, resources: Resources) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(address, SECRET) as opened:
        yield opened


@pytest.fixture
async def sync_client(address: str, resources: Resources) -> AsyncIterator[Client]:
    """To be called in other threads."""
    with Client(address, SECRET) as opened:
        yield opened
