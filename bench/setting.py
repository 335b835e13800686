"""Where it was measured: what a reader must know to compare two reports."""

import os
import platform
from dataclasses import dataclass

import asyncpg
from redis.asyncio import Redis

from bench.load import generator_version
from bench.plan import Plan
from service.embedded.servers import Addresses


@dataclass(frozen=True, slots=True)
class Setting:
    """The plan, the versions, and how busy the machine was."""

    plan: Plan
    generator: str
    postgres: str
    valkey: str
    python: str
    cores: int
    load_average: float


async def look_around(plan: Plan, addresses: Addresses, load_average: float) -> Setting:
    """Ask everybody for their version."""
    connection = await asyncpg.connect(addresses.database_url)
    postgres = await connection.fetchval("SHOW server_version")
    await connection.close()
    async with Redis.from_url(addresses.redis_url) as redis:
        about = await redis.info("server")
    return Setting(
        plan=plan,
        generator=await generator_version(),
        postgres=postgres,
        valkey=about.get("valkey_version", about["redis_version"]),
        python=platform.python_version(),
        cores=os.cpu_count() or 1,
        load_average=load_average,
    )
