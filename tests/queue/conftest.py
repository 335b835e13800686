"""A line on the tests' Valkey, empty and in step, and further ones of other clients."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from line_makers import ClientMaker, LineMaker, client_of, put_in_step
from own_valkey import OwnValkey
from redis.asyncio import Redis

from service.embedded.servers import Addresses
from service.queue.line import Line


@pytest.fixture(scope="session")
def servers(servers: Addresses) -> Addresses:
    """A database of the tests' Valkey in which no application keeps a line in step."""
    return replace(servers, redis_url=f"{servers.redis_url}?db=1")


@pytest.fixture
async def new_client(servers: Addresses) -> AsyncIterator[ClientMaker]:
    """Makes clients of the tests' Valkey, or of another one."""
    async with AsyncExitStack() as stack:

        def make(url: str = servers.redis_url, *, seconds: float = 5.0) -> Redis:
            client = client_of(url, seconds=seconds)
            stack.push_async_callback(client.aclose)
            return client

        yield make


@pytest.fixture
def new_line(new_client: ClientMaker) -> LineMaker:
    """Makes lines with a client of their own."""

    def make(prefix: str = "", **client: Any) -> Line:
        return Line(new_client(**client), prefix)

    return make


@pytest.fixture
async def line(new_line: LineMaker, redis: Redis) -> Line:
    line = new_line()
    await put_in_step(line)
    return line


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    """Not running yet."""
    server = OwnValkey(tmp_path)
    yield server
    server.stop()
