"""What it costs to ask who the client of a new lead is: python -m bench.recognising

Beside 100 000 clients with cards and marks. Python is the process's own time for a lead taken in,
by who its client is; of Postgres it is told which share of the INSERT asks for cards and talks.
"""

import asyncio
import json
import statistics
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from time import process_time
from typing import Any

import click
from pydantic import SecretStr

from bench.processes import finish
from bench.stage import NEXTLEAD, environment_of, own_database, servers
from service.flows.leads.receive_signal import receive_signal
from service.leads.customer import Customer
from service.leads.errors import Overloaded
from service.leads.lead import Channel, Signal
from service.logs import configure_logs
from service.resources import Resources, open_resources
from service.settings import Settings
from service.storage.database import Database
from service.storage.leads import intake
from service.storage.leads.duplicates import Sender

CARDS_IN = """
WITH made AS (
    INSERT INTO customers (external_id, created_at, changed_at, marks_read_at)
    SELECT 'c-' || n, now(), now(), now() FROM generate_series(1, $1::int) AS n
    RETURNING external_id
)
INSERT INTO customer_marks (mark, external_id, origin, strength, at)
SELECT 'phone:+7900' || lpad(n::text, 7, '0'), 'c-' || n, 'shop', 2, now()
FROM generate_series(1, $1::int) AS n, (SELECT count(*) FROM made) AS all_made
"""
TRIES, ASKED = 100, "a phone, no card"
ASKS = ("hits", "known_cards", "stale")
WAYS = {
    "without a mark": lambda number: None,
    ASKED: lambda number: Customer(phone=f"+7916{number:07}"),
    "a phone with a card": lambda number: Customer(phone=f"+7900{number + 1:07}"),
}


@click.command(context_settings={"show_default": True})
@click.option("--cards", default=100_000, help="How many clients have cards.")
@click.option("--leads", default=1000, help="How many leads of each sort are taken in.")
def main(cards: int, leads: int) -> None:
    """Measure recognition at intake."""
    configure_logs("warning")
    asyncio.run(_measure(cards, leads))


async def _measure(cards: int, leads: int) -> None:
    async with _resources() as resources:
        await resources.stores.database.fetch(CARDS_IN, cards)
        await resources.stores.database.fetch("ANALYZE customer_marks, customers")
        for name, client in WAYS.items():
            await _take_in(resources, client, range(leads, 2 * leads))  # everything is warm
            begun = process_time()
            await _take_in(resources, client, range(leads))
            click.echo(f"{name:22} {1e6 * (process_time() - begun) / leads:7.0f} µs of Python")
        shares = await _shares(resources)
        click.echo(f"{ASKED:22} {100 * shares:7.1f} % of the INSERT asks for cards and talks")


@asynccontextmanager
async def _resources() -> AsyncIterator[Resources]:
    with servers() as (addresses, _):
        own = await own_database(addresses, "recognising")
        urls = {"NEXTLEAD_DATABASE_URL": own.database_url, "NEXTLEAD_REDIS_URL": own.redis_url}
        await finish([NEXTLEAD, "migrate"], environment_of(**urls))
        settings = Settings(
            database_url=SecretStr(own.database_url), redis_url=SecretStr(own.redis_url)
        )
        async with open_resources(settings) as resources:
            yield resources


async def _take_in(resources: Resources, client: Any, numbers: range) -> None:
    for number in numbers:
        signal = Signal(
            queue="main",
            channel=Channel.WHATSAPP,
            received_at=resources.clock.now(),
            customer=client(number),
            text="колодки",
        )
        await receive_signal(resources, signal, Sender("bench"))


class _Explaining:
    """Stands where the INSERT asks its database, and keeps what Postgres says of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.shares: list[float] = []

    async def fetch(self, statement: str, *arguments: object) -> list[Any]:
        async with self.database.pool.acquire() as connection:
            change = connection.transaction()
            await change.start()
            plan = await connection.fetchval(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *arguments
            )
            await change.rollback()
        (found,) = json.loads(plan) if isinstance(plan, str) else plan
        times = [_own_time(node) for node in _nodes(found["Plan"])]
        self.shares.append(sum(times) / found["Execution Time"])
        return []


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if plan.get("Subplan Name", "").removeprefix("CTE ") in ASKS:
        yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _own_time(node: dict[str, Any]) -> float:
    """Milliseconds of a part of the statement, without the parts that it reads."""
    own: float = node["Actual Total Time"]
    return own - sum(_reading(inner) for inner in node.get("Plans", ()))


def _reading(node: dict[str, Any]) -> float:
    """Milliseconds in which other parts of the statement are read, the first time made."""
    if node["Node Type"] == "CTE Scan":
        spent: float = node["Actual Total Time"] * node["Actual Loops"]
        return spent
    return sum(_reading(inner) for inner in node.get("Plans", ()))


async def _shares(resources: Resources) -> float:
    """The median share of the statement's time."""
    explaining = _Explaining(resources.stores.database)
    asking: Any = explaining
    stores = replace(resources.stores, intake=intake.Intake(asking))
    for number in range(TRIES):
        with suppress(Overloaded):  # nothing is taken in, so it tries a few times
            await _take_in(
                replace(resources, stores=stores), WAYS[ASKED], range(number, number + 1)
            )
    return statistics.median(explaining.shares)


if __name__ == "__main__":
    main()
