"""How many operators and leads fit on this machine: `python -m bench.scale`.

All of 100 percent: 2 000 operators who look at the line every 5 s with its ETag, and 200 leads a
second, each settled 8 s after it was taken. Steps of it are tried, the least first, on an empty
line each; the first that does not fit ends the run. It fits when nothing is refused or fails, the
99th percentile of `next` stays under 100 ms and no more leads wait at the end than come in ten
seconds. The operators are processes on the same machine, whose share of it is told.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import asyncpg
import click
import psutil  # type: ignore[import-untyped]  # its stubs are another package

from bench.contenders import SCOPES
from bench.plan import PlanImpossible, read_numbers
from bench.preparation import ADD_OPERATORS
from bench.processes import (
    Program,
    finish,
    free_port,
    running,
    servers_processor_seconds,
    wait_until_ready,
)
from bench.stage import NEXTLEAD, environment_of, own_database, servers
from service.embedded.servers import Addresses
from service.logs import configure_logs

OPERATORS, PER_SECOND = 2000, 200
NEXT_MS, WAITING_SECONDS = 100, 10
MIB = 1024**2
HEADINGS = (
    *("%", "operators", "leads a s", "settled a s", "looks a s", "304", "wrong", "waiting"),
    *("next p50", "next p99", "look p99", "in p99", "MiB", "service", "servers", "others"),
)
WAITING = "SELECT count(*) FROM leads WHERE state = 'waiting'"


@dataclass(frozen=True, slots=True)
class Place:
    """A service that runs, its database, and how it is asked."""

    program: Program
    pool: asyncpg.Pool
    address: str
    key: str


@dataclass(frozen=True, slots=True)
class Step:
    """What a part of the whole load showed; processors are cores that were busy."""

    percent: int
    seconds: int
    seen: dict[str, Any]
    waiting: int
    memory: tuple[float, float]
    service: float
    servers: float
    others: float

    @property
    def fits(self) -> bool:
        """Whether it can go on like this for ever."""
        most = WAITING_SECONDS * PER_SECOND * self.percent / 100
        slow = self.percentile("next", 99) > NEXT_MS
        return not self.seen["wrong"] and not slow and self.waiting <= most

    def percentile(self, sort: str, percent: int) -> float:
        """So many percent of the answers took no longer, in milliseconds."""
        took = self.seen["took"][sort]
        return quantiles(took, n=100)[percent - 1] if len(took) > 1 else 0.0


@click.command(context_settings={"show_default": True})
@click.option(
    "--percents", default="5,10,25,50,100", help="Of 2 000 operators, 200 leads a second."
)
@click.option("--seconds", default=30, type=click.IntRange(20, 3600), help="Of each step.")
@click.option("--processes", default=4, type=click.IntRange(1, 20), help="Full of operators.")
@click.option("--workers", default=1, type=click.IntRange(1, 4))
@click.option(
    "--all", "go_on", is_flag=True, help="Try the steps after one that does not fit, too."
)
def main(percents: str, seconds: int, processes: int, workers: int, *, go_on: bool) -> None:
    """Find the load that no longer fits."""
    configure_logs("warning")
    try:
        steps = read_numbers(percents)
    except PlanImpossible as error:
        click.echo(f"bench: {error}", err=True)
        sys.exit(1)
    asyncio.run(_measure(steps, seconds, processes, workers, go_on=go_on))


async def _measure(
    percents: Sequence[int], seconds: int, processes: int, workers: int, *, go_on: bool
) -> None:
    click.echo(f"{os.cpu_count()} cores, {workers} worker(s), load {os.getloadavg()[0]:.1f} before")
    click.echo("".join(name.rjust(12) for name in HEADINGS))
    most = None
    with servers() as (addresses, directory):
        for percent in percents:
            log = directory / f"scale-{percent}.log"
            async with _service(addresses, percent, workers, log) as place:
                step = await _step(place, percent, seconds, processes)
            click.echo(_line(step))
            if step.fits:
                most = percent
            elif not go_on:
                break
    click.echo(_verdict(most, percents))


@asynccontextmanager
async def _service(
    addresses: Addresses, percent: int, workers: int, log: Path
) -> AsyncIterator[Place]:
    """A service with nothing in it but operators."""
    own, port = await own_database(addresses, f"scale_{percent}"), free_port()
    environment = environment_of(
        NEXTLEAD_DATABASE_URL=own.database_url,
        NEXTLEAD_REDIS_URL=own.redis_url,
        NEXTLEAD_REDIS_PREFIX=f"scale-{percent}:",
    )
    await finish([NEXTLEAD, "migrate"], environment)
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    key = await finish([NEXTLEAD, "keys", "create", "bench", *scopes], environment)
    serve = ["serve", "--host", "127.0.0.1", "--port", f"{port}", "--workers", f"{workers}"]
    async with (
        asyncpg.create_pool(own.database_url, min_size=1, max_size=2) as pool,
        running([NEXTLEAD, *serve], environment, log) as program,
    ):
        await pool.execute(ADD_OPERATORS, OPERATORS, 1)
        address = f"http://127.0.0.1:{port}"
        await wait_until_ready(program, f"{address}/readyz")
        yield Place(program, pool, address, key)


async def _step(place: Place, percent: int, seconds: int, processes: int) -> Step:
    operators = [f"operator-{number}" for number in range(1, OPERATORS * percent // 100 + 1)]
    rate = PER_SECOND * percent / 100 / processes
    command = [sys.executable, "-m", "bench.scale_operators", place.address, place.key]
    before, memory = _processors(place), _memory(place.program)
    others = _of_children()
    sent = await asyncio.gather(
        *(
            finish([*command, f"{rate}", f"{seconds}", *operators[first::processes]], os.environ)
            for first in range(processes)
        )
    )
    service, its_servers = (
        (after - earlier) / seconds
        for after, earlier in zip(_processors(place), before, strict=True)
    )
    return Step(
        percent,
        seconds,
        _together([json.loads(each) for each in sent]),
        await place.pool.fetchval(WAITING),
        (memory, _memory(place.program)),
        service,
        its_servers,
        (_of_children() - others) / seconds,
    )


def _together(sent: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What all processes saw, as if one had seen it."""
    return {
        "took": {
            sort: [took for one in sent for took in one["took"][sort]] for sort in sent[0]["took"]
        },
        "wrong": sum((Counter(one["wrong"]) for one in sent), Counter()),
        "unchanged": sum(one["unchanged"] for one in sent),
        "settled": sum(one["settled"] for one in sent),
    }


def _processors(place: Place) -> tuple[float, float]:
    servers_seconds = (servers_processor_seconds(name) for name in ("postgres", "valkey"))
    return place.program.processor_seconds(), sum(servers_seconds)


def _of_children() -> float:
    """Processor seconds of our programs that have ended: those full of operators."""
    found = os.times()
    return found.children_user + found.children_system


def _memory(program: Program) -> float:
    whole = psutil.Process(program.process.pid)
    return float(sum(one.memory_info().rss for one in (whole, *whole.children(True)))) / MIB


def _line(step: Step) -> str:
    took, seconds = step.seen["took"], step.seconds
    cells = (
        *(f"{step.percent}", f"{OPERATORS * step.percent // 100}"),
        *(f"{len(took['lead']) / seconds:.1f}", f"{step.seen['settled'] / seconds:.1f}"),
        f"{len(took['look']) / seconds:.1f}",
        f"{step.seen['unchanged'] / max(1, len(took['look'])):.2f}",
        *(f"{sum(step.seen['wrong'].values())}", f"{step.waiting}"),
        *(f"{step.percentile('next', 50):.0f} ms", f"{step.percentile('next', 99):.0f} ms"),
        *(f"{step.percentile('look', 99):.0f} ms", f"{step.percentile('lead', 99):.0f} ms"),
        f"{step.memory[0]:.0f} → {step.memory[1]:.0f}",
        *(f"{step.service:.2f}", f"{step.servers:.2f}", f"{step.others:.2f}"),
    )
    wrong = ", ".join(f"{count} × {name}" for name, count in step.seen["wrong"].items())
    return "".join(cell.rjust(12) for cell in cells) + (f"   {wrong}" if wrong else "")


def _verdict(most: int | None, percents: Sequence[int]) -> str:
    if most is None:
        return f"{min(percents)} percent does not fit"
    operators, rate = OPERATORS * most // 100, PER_SECOND * most / 100
    return f"fits: {operators} operators and {rate:g} leads a second, {most} percent"


if __name__ == "__main__":
    main()
