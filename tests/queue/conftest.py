"""A line on the tests' Valkey, empty and in step."""

from collections.abc import AsyncIterator

import pytest
from line_makers import QUEUE, START, client_of
from redis.asyncio import Redis

from service.embedded.servers import Addresses
from service.queue.in_step import set_in_step
from service.queue.line import Line


@pytest.fixture
async def line(servers: Addresses, redis: Redis) -> AsyncIterator[Line]:
    line = Line(client_of(servers.redis_url), "")
    await set_in_step(line, {QUEUE: START})
    yield line
    await line.close()
