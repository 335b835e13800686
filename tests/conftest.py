"""The two real servers, once for all tests; every test begins with empty stores."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from service.embedded.servers import Addresses, running_servers
from service.settings import Settings


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """A PostgreSQL and a Valkey of the tests' own."""
    with running_servers(tmp_path_factory.mktemp("servers")) as addresses:
        yield addresses


@pytest.fixture(scope="session")
def settings(servers: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings that name the tests' servers."""
    return Settings(
        database_url=SecretStr(servers.database_url),
        redis_url=SecretStr(servers.redis_url),
        data_dir=Path(tmp_path_factory.mktemp("data")),
    )


@pytest.fixture
async def redis(servers: Addresses) -> AsyncIterator[Redis]:
    """The tests' Valkey, empty."""
    client = Redis.from_url(servers.redis_url, decode_responses=True)
    await client.flushall()
    yield client
    await client.aclose()
