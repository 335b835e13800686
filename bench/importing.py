"""How fast a file of leads is taken in, and in how much memory: python -m bench.importing

The floor reads the same file with Python's own csv and inserts the same rows into a plain table of
the same Postgres: batches of the same size, no validation, no ranking, no history, no line.
"""

import asyncio
import csv
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg
import click
import httpx

from bench.processes import Program, finish, free_port, running, wait_until_ready
from bench.stage import NEXTLEAD, environment_of, own_database, servers
from service.embedded.servers import Addresses
from service.logs import configure_logs

BATCH = 32
CONNECTIONS = 2
PATIENCE_SECONDS = 3600
PIECE = 64 * 1024
TEXTS = (
    "Здравствуйте, нужны тормозные колодки; машина на подъёмнике",
    "посчитайте стойки в круг на приору, нужно до пятницы",
    'бампер, капот и "глаза" на камри 2019',
    "сколько стоит масло 5w-30 4 литра и фильтр",
)
HEADER = ("Канал", "Номер заявки", "Имя", "Телефон", "Сообщение", "Бюджет")
CHANNELS = ("whatsapp", "telegram", "email", "site_order")
TABLE = """
CREATE TABLE floor_imported (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz DEFAULT now(),
    channel text NOT NULL, external_id text NOT NULL UNIQUE, name text, phone text, text text,
    budget numeric(14, 2)
)
"""
INSERT = """
INSERT INTO floor_imported (channel, external_id, name, phone, text, budget)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::numeric[])
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Seconds of each, the service's own processor seconds, what it said, and its growth in MiB."""

    floor: float
    service: float
    again: float
    busy: float
    reports: tuple[dict[str, Any], dict[str, Any]]
    grown: float
    grown_again: float


@click.command(context_settings={"show_default": True})
@click.option("--lines", default=100_000, help="How many rows the file has.")
def main(lines: int) -> None:
    """Measure an import of CSV beside a floor."""
    configure_logs("warning")
    found, size = asyncio.run(_measure(lines))
    taken = found.reports[0]
    click.echo(f"{lines} rows of CSV, {size / 1024**2:.1f} MiB, one worker")
    click.echo(f"floor (csv, plain INSERTs)  {lines / found.floor:9.0f} rows/s")
    click.echo(f"import                      {lines / found.service:9.0f} rows/s")
    click.echo(f"the same file again         {lines / found.again:9.0f} rows/s")
    click.echo(f"times the floor             {found.service / found.floor:9.1f}")
    click.echo(f"its own processor time      {1000 * found.busy / lines:9.2f} ms a row")
    click.echo(f"memory grew by              {found.grown:9.1f} MiB at its peak")
    click.echo(f"the same file again, by     {found.grown_again:9.1f} MiB more")
    click.echo(f"created, failed             {taken['created']}, {taken['failed']}")
    click.echo(f"repeated the second time    {found.reports[1]['repeated']}")


async def _measure(lines: int) -> tuple[Found, int]:
    with servers() as (addresses, directory):
        own = await own_database(addresses, "importing")
        file = directory / "leads.csv"
        _write(file, lines)
        floor = await _floor(own, file)
        environment = environment_of(
            NEXTLEAD_DATABASE_URL=own.database_url, NEXTLEAD_REDIS_URL=own.redis_url
        )
        await finish([NEXTLEAD, "migrate"], environment)
        create = [NEXTLEAD, "keys", "create", "bench", "--scope", "intake"]
        key = await finish(create, environment)
        port = free_port()
        serve = [NEXTLEAD, "serve", "--host", "127.0.0.1", "--port", f"{port}"]
        address, log = f"http://127.0.0.1:{port}", directory / "service.log"
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "text/csv"}
        async with (
            running(serve, environment, log) as program,
            httpx.AsyncClient(
                base_url=address, headers=headers, timeout=PATIENCE_SECONDS
            ) as client,
        ):
            await wait_until_ready(program, f"{address}/readyz")
            await _send(client, _first_rows(file))  # what is loaded once is no growth
            before, idle = _peak(program), program.processor_seconds()
            service, report = await _send(client, _pieces(file))
            between, busy = _peak(program), program.processor_seconds() - idle
            again, second = await _send(client, _pieces(file))
            after = _peak(program)
        found = Found(
            floor, service, again, busy, (report, second), between - before, after - between
        )
        return found, file.stat().st_size


def _write(file: Path, lines: int) -> None:
    with file.open("w", encoding="cp1251", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(HEADER)
        for number in range(lines):
            channel, text = CHANNELS[number % 4], TEXTS[number // 4 % 4]
            phone, budget = f"+7{9_000_000_000 + number}", f"{number % 9000},50"
            writer.writerow((channel, f"r-{number}", f"Клиент {number}", phone, text, budget))


async def _send(
    client: httpx.AsyncClient, pieces: AsyncIterator[bytes]
) -> tuple[float, dict[str, Any]]:
    begun = time.monotonic()
    answer = await client.post("/v1/leads/import", content=pieces)
    report: dict[str, Any] = answer.raise_for_status().json()
    return time.monotonic() - begun, report


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece


async def _first_rows(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        yield b"".join(islice(opened, 201))


def _peak(program: Program) -> float:
    """The most memory that the service ever held, in MiB, as the kernel counts it."""
    status = Path(f"/proc/{program.process.pid}/status").read_text()
    (line,) = (item for item in status.splitlines() if item.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


async def _floor(addresses: Addresses, file: Path) -> float:
    async with asyncpg.create_pool(
        addresses.database_url, min_size=1, max_size=CONNECTIONS
    ) as pool:
        await pool.execute(TABLE)
        batches = _batches(file)
        begun = time.monotonic()
        await asyncio.gather(*(_insert_all(pool, batches) for _ in range(CONNECTIONS)))
        return time.monotonic() - begun


async def _insert_all(pool: asyncpg.Pool, batches: Iterator[list[list[str]]]) -> None:
    for rows in batches:
        channels, ids, names, phones, texts, budgets = zip(*rows, strict=True)
        amounts = [Decimal(budget.replace(",", ".")) for budget in budgets]
        await pool.execute(INSERT, channels, ids, names, phones, texts, amounts)


def _batches(file: Path) -> Iterator[list[list[str]]]:
    with file.open(encoding="cp1251", newline="") as opened:
        rows = csv.reader(opened, delimiter=";")
        next(rows)
        while batch := [*islice(rows, BATCH)]:
            yield batch


if __name__ == "__main__":
    main()
