"""How soon whoever listens hears of a lead: python -m bench.streams

A thousand operators keep a stream open, in processes of their own. Twenty leads a second come in,
each into one of ten queues of ten of them; then single leads come into a queue of all. The delay
counts from the moment that the event bears, which is before its commit, until the listener has
parsed it; commits do not wait for the disk.
"""

import asyncio
import json
import os
import statistics
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import click
import httpx

from bench.processes import Program, finish, free_port, running, wait_until_ready
from bench.stage import NEXTLEAD, environment_of, own_database, servers
from service.leads.operator import Operator
from service.logs import configure_logs
from service.storage.database import open_database
from service.storage.operators.operators import put_operator

OF_A_QUEUE = 10
QUEUES = [f"queue-{number}" for number in range(10)]
ALL = "all"
ONCE_IN = 3.0  # seconds between leads that concern everybody
SCOPES = ("intake", "operate", "supervise", "admin", "read")


@click.command(context_settings={"show_default": True})
@click.option("--operators", default=1000, type=click.IntRange(10, 10_000))
@click.option("--per-second", default=20, type=click.IntRange(1, 1000))
@click.option("--seconds", default=20, type=click.IntRange(1, 60))
@click.option("--to-all", default=7, type=click.IntRange(1, 50), help="Leads that concern all.")
@click.option("--processes", default=2, type=click.IntRange(1, 8), help="Of listeners.")
@click.option("--workers", default=1, type=click.IntRange(1, 4))
def main(
    operators: int, per_second: int, seconds: int, to_all: int, processes: int, workers: int
) -> None:
    """Measure streams."""
    configure_logs("warning")
    asyncio.run(_measure(operators, per_second, seconds, to_all, processes, workers))


async def _measure(
    operators: int, per_second: int, seconds: int, to_all: int, processes: int, workers: int
) -> None:
    names = [f"operator-{number}" for number in range(operators)]
    async with AsyncExitStack() as stack:
        program, http, key, url = await stack.enter_async_context(_service(workers))
        await _prepare(http, url, names)
        groups = [names[first::processes] for first in range(processes)]
        ears = [
            await stack.enter_async_context(_listening(str(http.base_url), key, group))
            for group in groups
        ]
        cpu, load = program.processor_seconds(), os.getloadavg()[0]
        await _post(
            http, [QUEUES[n % len(QUEUES)] for n in range(per_second * seconds)], per_second
        )
        cpu = program.processor_seconds() - cpu
        await _post(http, [ALL] * to_all, 1 / ONCE_IN)
        heard = [item for ear in ears for item in await _heard(ear)]
    of_ten = [delay for queue, delay in heard if queue != ALL]
    of_all = [delay for queue, delay in heard if queue == ALL]
    click.echo(f"load average {load:.1f}; {workers} worker(s) took {cpu / seconds:.2f} of a core")
    _say(f"{per_second} leads a second, {OF_A_QUEUE} listeners each", of_ten)
    _say(f"{to_all} leads, {operators} listeners each", of_all)


@asynccontextmanager
async def _service(workers: int) -> AsyncIterator[tuple[Program, httpx.AsyncClient, str, str]]:
    with servers() as (addresses, directory):
        own = await own_database(addresses, "streams")
        environment = environment_of(
            NEXTLEAD_DATABASE_URL=own.database_url, NEXTLEAD_REDIS_URL=own.redis_url
        )
        await _spare_the_disk(own.database_url)
        await finish([NEXTLEAD, "migrate"], environment)
        scopes = [word for scope in SCOPES for word in ("--scope", scope)]
        key = await finish([NEXTLEAD, "keys", "create", "bench", *scopes], environment)
        port = free_port()
        serve = [NEXTLEAD, "serve", "--port", f"{port}", "--workers", f"{workers}"]
        headers = {"Authorization": f"Bearer {key}"}
        url = f"http://127.0.0.1:{port}"
        log = Path(os.environ.get("STREAMS_LOG", directory / "service.log"))
        async with (
            running(serve, environment, log) as program,
            httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as http,
        ):
            await wait_until_ready(program, f"{url}/readyz")
            yield program, http, key, own.database_url


async def _spare_the_disk(url: str) -> None:
    """Let commits not wait for the disk: the delay counts from before them."""
    connection = await asyncpg.connect(url)
    await connection.execute("ALTER DATABASE streams SET synchronous_commit = off")
    await connection.close()


async def _prepare(http: httpx.AsyncClient, url: str, names: Sequence[str]) -> None:
    """Ten queues of ten operators each, and one of all."""
    for queue in (*QUEUES, ALL):
        body = {"time_zone": "Europe/Moscow", "currency": "RUB"}
        (await http.put(f"/v1/queues/{queue}", json=body)).raise_for_status()
    now = datetime.now(UTC)  # noqa: TID251  nobody's clock is driven here
    async with open_database(url, hot=1, cold=4) as database, database.transaction() as connection:
        for number, name in enumerate(names):
            place = number // OF_A_QUEUE
            serves = (*QUEUES[place : place + 1], ALL)
            await put_operator(connection, Operator(name, serves), now)


@asynccontextmanager
async def _listening(address: str, key: str, names: Sequence[str]) -> AsyncIterator[Process]:
    command = [sys.executable, "-m", "bench.stream_listeners", address, key, *names]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, limit=2**28, start_new_session=True
    )
    assert process.stdout is not None  # noqa: S101
    try:
        await process.stdout.readline()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _post(http: httpx.AsyncClient, queues: Sequence[str], per_second: float) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with asyncio.TaskGroup() as group:
        for number, queue in enumerate(queues):
            await asyncio.sleep(max(0.0, begun + number / per_second - loop.time()))
            lead = {"channel": "whatsapp", "queue": queue, "text": "Тормозные колодки"}
            group.create_task(http.post("/v1/leads", json=lead))
    await asyncio.sleep(ONCE_IN)


async def _heard(process: Process) -> list[tuple[str, float]]:
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    process.stdin.close()
    heard: list[tuple[str, float]] = json.loads(await process.stdout.readline())
    return heard


def _say(what: str, delays: Sequence[float]) -> None:
    cuts = [1000 * cut for cut in statistics.quantiles(delays, n=100)]
    worst = 1000 * max(delays)
    click.echo(
        f"{what}: heard {len(delays)} times, p50 {cuts[49]:.1f} ms, p90 {cuts[89]:.1f} ms,"
        f" p99 {cuts[98]:.1f} ms, at worst {worst:.1f} ms"
    )


if __name__ == "__main__":
    main()
