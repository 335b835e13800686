"""Who is measured, each in processes, a database and a part of Valkey of its own.

Each depth has its own of everybody, so that the depths can take turns without anything being moved
in between.
"""

import json
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import asyncpg
import httpx
from redis.asyncio import Redis

from bench.floor_backlog import FloorBacklog
from bench.floor_calls import TABLE
from bench.line_copy import LineCopy
from bench.peers.starting import PEERS, peer
from bench.processes import finish, free_port, running, wait_until_ready
from bench.service_backlog import ServiceBacklog
from bench.stage import NEXTLEAD, Contender, Scene, environment_of, own_database
from bench.tuned.line import build_line
from bench.tuned.pattern import pattern_of
from bench.works import Work
from service.embedded.servers import Addresses

SCOPES = ("intake", "operate", "supervise", "crm")
POOL = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where one depth is played, and what the names of its databases and keys begin with."""

    name: str
    workers: int
    servers: Addresses
    redis: Redis
    directory: Path

    def file(self, name: str) -> Path:
        """A file of this depth."""
        return self.directory / f"{self.name}-{name}"


@asynccontextmanager
async def scene(
    depth: int, wanted: Collection[str], workers: int, addresses: Addresses, directory: Path
) -> AsyncIterator[Scene]:
    """Those who are wanted at one depth, ready to be asked; no lead waits yet."""
    async with AsyncExitStack() as stack:
        redis = Redis.from_url(addresses.redis_url, decode_responses=True)
        stack.push_async_callback(redis.aclose)
        place = Place(f"bench_{depth}_{workers}", workers, addresses, redis, directory)
        pool, own = await _database(stack, place, "")
        operators = [pool]
        service = await stack.enter_async_context(_service(place, pool, own))
        found = {"service": service}
        if "floor" in wanted:
            for one in await stack.enter_async_context(_floors(place)):
                found[one.name] = one
        if "tuned floor" in wanted:
            tuned, of_tuned = await _database(stack, place, "_tuned")
            operators.append(tuned)
            pattern = place.file("pattern.json")
            client = httpx.AsyncClient(base_url=service.address, headers=service.headers)
            async with client:
                pattern.write_text(json.dumps(await pattern_of(client, pool)))
            floor = _tuned(place, tuned, of_tuned, pattern)
            found["tuned floor"] = await stack.enter_async_context(floor)
        for name in [name for name in wanted if name in PEERS]:
            database = await own_database(addresses, f"{place.name}_{PEERS[name]}")
            started = peer(name, depth, database, place.directory)
            found[name] = await stack.enter_async_context(started)
        yield Scene(depth, {name: found[name] for name in wanted}, operators)


async def _database(
    stack: AsyncExitStack, place: Place, name: str
) -> tuple[asyncpg.Pool, Addresses]:
    own = await own_database(place.servers, place.name + name)
    pool = asyncpg.create_pool(own.database_url, min_size=1, max_size=POOL)
    return await stack.enter_async_context(pool), own


@asynccontextmanager
async def _service(place: Place, pool: asyncpg.Pool, own: Addresses) -> AsyncIterator[Contender]:
    prefix, port = f"{place.name}-service:", free_port()
    environment = environment_of(
        NEXTLEAD_DATABASE_URL=own.database_url,
        NEXTLEAD_REDIS_URL=own.redis_url,
        NEXTLEAD_REDIS_PREFIX=prefix,
    )
    await finish([NEXTLEAD, "migrate"], environment)
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    key = await finish([NEXTLEAD, "keys", "create", "bench", *scopes], environment)
    serve = ["serve", "--host", "127.0.0.1", "--port", f"{port}", "--workers", f"{place.workers}"]
    async with running([NEXTLEAD, *serve], environment, place.file("service.log")) as program:
        address = f"http://127.0.0.1:{port}"
        await wait_until_ready(program, f"{address}/readyz")
        rebuild = partial(finish, [NEXTLEAD, "rebuild"], environment)
        backlog = ServiceBacklog(pool, LineCopy(place.redis, prefix), rebuild)
        headers = {"Authorization": f"Bearer {key}"}
        given = place.file("service.given")
        yield Contender("service", address, "/v1", headers, program, backlog, given, joins=True)


@asynccontextmanager
async def _floors(place: Place) -> AsyncIterator[tuple[Contender, Contender]]:
    async with AsyncExitStack() as stack:
        prefix, port = f"{place.name}-floor:", free_port()
        pool, own = await _database(stack, place, "_floor")
        await pool.execute(TABLE)
        environment = _environment(own, prefix, port, place.workers)
        command = [sys.executable, "-m", "bench.floor"]
        program = await stack.enter_async_context(
            running(command, environment, place.file("floor.log"))
        )
        address = f"http://127.0.0.1:{port}"
        await wait_until_ready(program, f"{address}/openapi.json")
        backlog, given = FloorBacklog(pool, place.redis, prefix), place.file("floor.given")
        yield (
            Contender("floor", address, "/floor", {}, program, backlog, given),
            Contender("harder floor", address, "/harder", {}, program, backlog, given),
        )


@asynccontextmanager
async def _tuned(
    place: Place, pool: asyncpg.Pool, own: Addresses, pattern: Path
) -> AsyncIterator[Contender]:
    """It writes what the service wrote for one lead, into the same tables."""
    prefix, port = f"{place.name}-tuned:", free_port()
    await finish([NEXTLEAD, "migrate"], environment_of(NEXTLEAD_DATABASE_URL=own.database_url))
    environment = {
        **_environment(own, prefix, port, place.workers),
        "FLOOR_PATTERN": str(pattern),
    }
    command = [sys.executable, "-m", "bench.tuned.door"]
    async with running(command, environment, place.file("tuned.log")) as program:
        address = f"http://127.0.0.1:{port}"
        await wait_until_ready(program, f"{address}/ready")
        line = partial(build_line, pool, place.redis, prefix)
        backlog = ServiceBacklog(pool, LineCopy(place.redis, prefix), line, repair_seconds=0)
        given = place.file("tuned.given")
        works = frozenset(Work) - {Work.JOINING, Work.POLLING}
        yield Contender("tuned floor", address, "/tuned", {}, program, backlog, given, works=works)


def _environment(own: Addresses, prefix: str, port: int, workers: int) -> dict[str, str]:
    return environment_of(
        FLOOR_DATABASE_URL=own.database_url,
        FLOOR_REDIS_URL=own.redis_url,
        FLOOR_REDIS_PREFIX=prefix,
        FLOOR_PORT=f"{port}",
        FLOOR_WORKERS=f"{workers}",
    )
