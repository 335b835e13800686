"""Everything that a run needs: the two servers, and at every depth a service and a floor.

Each depth has a database, a part of Valkey and processes of its own, so that the depths can take
turns without anything being moved in between.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from redis.asyncio import Redis

from bench.backlog import Backlog
from bench.floor import TABLE
from bench.floor_backlog import FloorBacklog
from bench.line_copy import LineCopy
from bench.processes import Program, finish, free_port, running, wait_until_ready
from bench.service_backlog import ServiceBacklog
from service.embedded.servers import Addresses, running_servers

NEXTLEAD = str(Path(sys.executable).with_name("nextlead"))
SCOPES = ("intake", "operate", "supervise", "crm")


@dataclass(frozen=True, slots=True)
class Contender:
    """Somebody who takes leads in and serves them: the service, or a floor."""

    name: str
    address: str
    path: str
    headers: Mapping[str, str]
    program: Program
    backlog: Backlog
    claims: Path
    """Where the tokens of what it holds are written."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One depth, and who is measured at it."""

    depth: int
    floor: Contender
    service: Contender
    harder_floor: Contender
    pool: asyncpg.Pool

    @property
    def contenders(self) -> tuple[Contender, Contender, Contender]:
        """In the order in which they take turns."""
        return self.floor, self.service, self.harder_floor


@dataclass(frozen=True, slots=True)
class Place:
    """Where one depth is played: its database, the beginning of its keys, a directory."""

    depth: int
    workers: int
    addresses: Addresses
    pool: asyncpg.Pool
    redis: Redis
    directory: Path


@contextmanager
def servers() -> Iterator[tuple[Addresses, Path]]:
    """Both servers in a directory of their own, which goes when the block ends."""
    directory = Path(tempfile.mkdtemp(prefix="nextlead-bench-"))
    directory.chmod(0o711)  # when root starts them, the servers' own account must pass
    try:
        with running_servers(directory / "data") as addresses:
            yield addresses, directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@asynccontextmanager
async def scene(
    depth: int, workers: int, addresses: Addresses, directory: Path
) -> AsyncIterator[Scene]:
    """A service and a floor for one depth, ready to be asked; no lead waits yet."""
    async with AsyncExitStack() as stack:
        own = await own_database(addresses, f"bench_{depth}")
        pool = await stack.enter_async_context(asyncpg.create_pool(own.database_url, min_size=1))
        redis = Redis.from_url(own.redis_url, decode_responses=True)
        stack.push_async_callback(redis.aclose)
        place = Place(depth, workers, own, pool, redis, directory)
        service = await stack.enter_async_context(_service(place))
        floor, harder_floor = await stack.enter_async_context(_floors(place))
        yield Scene(depth, floor, service, harder_floor, pool)


async def own_database(addresses: Addresses, name: str) -> Addresses:
    """A database of its own beside the others; the same Valkey."""
    connection = await asyncpg.connect(addresses.database_url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    url = urlsplit(addresses.database_url)._replace(path=f"/{name}").geturl()
    return Addresses(url, addresses.redis_url)


@asynccontextmanager
async def _service(place: Place) -> AsyncIterator[Contender]:
    prefix, port = f"service-{place.depth}:", free_port()
    environment = environment_of(
        NEXTLEAD_DATABASE_URL=place.addresses.database_url,
        NEXTLEAD_REDIS_URL=place.addresses.redis_url,
        NEXTLEAD_REDIS_PREFIX=prefix,
    )
    await finish([NEXTLEAD, "migrate"], environment)
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    key = await finish([NEXTLEAD, "keys", "create", "bench", *scopes], environment)
    serve = ["serve", "--host", "127.0.0.1", "--port", f"{port}", "--workers", f"{place.workers}"]
    log = place.directory / f"service-{place.depth}.log"
    async with running([NEXTLEAD, *serve], environment, log) as program:
        address = f"http://127.0.0.1:{port}"
        await wait_until_ready(program, f"{address}/readyz")
        line = LineCopy(place.redis, prefix)
        backlog = ServiceBacklog(place.pool, line, [NEXTLEAD, "rebuild"], environment)
        headers = {"Authorization": f"Bearer {key}"}
        claims = place.directory / f"service-{place.depth}.claims"
        yield Contender("service", address, "/v1", headers, program, backlog, claims)


@asynccontextmanager
async def _floors(place: Place) -> AsyncIterator[tuple[Contender, Contender]]:
    prefix, port = f"floor-{place.depth}:", free_port()
    await place.pool.execute(TABLE)
    environment = environment_of(
        FLOOR_DATABASE_URL=place.addresses.database_url,
        FLOOR_REDIS_URL=place.addresses.redis_url,
        FLOOR_REDIS_PREFIX=prefix,
        FLOOR_PORT=f"{port}",
        FLOOR_WORKERS=f"{place.workers}",
    )
    log = place.directory / f"floor-{place.depth}.log"
    async with running([sys.executable, "-m", "bench.floor"], environment, log) as program:
        address = f"http://127.0.0.1:{port}"
        await wait_until_ready(program, f"{address}/openapi.json")
        backlog = FloorBacklog(place.pool, place.redis, prefix)
        claims = place.directory / f"floor-{place.depth}.claims"
        yield (
            Contender("floor", address, "/floor", {}, program, backlog, claims),
            Contender("harder floor", address, "/harder", {}, program, backlog, claims),
        )


def environment_of(**ours: str) -> dict[str, str]:
    """Ours, and what is there already, save settings of the service."""
    there = {name: value for name, value in os.environ.items() if not name.startswith("NEXTLEAD_")}
    return {**there, **ours}
