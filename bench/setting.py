"""Where it was measured: what a reader must know to compare two reports."""

import os
import platform
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile

import asyncpg
from redis.asyncio import Redis

from bench.load import generator_version
from bench.plan import Plan
from service.embedded.servers import Addresses

FLUSHES = 100


@dataclass(frozen=True, slots=True)
class Setting:
    """The plan, the versions, the machine, and how busy it was."""

    plan: Plan
    generator: str
    postgres: str
    valkey: str
    python: str
    cores: int
    processor: str
    flush_microseconds: float
    load_average: float
    day: str


async def look_around(plan: Plan, addresses: Addresses, directory: Path) -> Setting:
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
        processor=_processor(),
        flush_microseconds=_flush_microseconds(directory),
        load_average=os.getloadavg()[0],
        day=datetime.now(UTC).date().isoformat(),  # noqa: TID251  nobody's clock is driven here
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(": ")[2] for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _flush_microseconds(directory: Path) -> float:
    """How long a commit waits for the disk, at the median."""
    taken = []
    with TemporaryFile(dir=directory) as file:
        for _ in range(FLUSHES):
            file.write(bytes(8192))
            begun = time.perf_counter()
            file.flush()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - begun)
    return 1e6 * median(taken)
