"""What erasing and letting go cost, and what they leave: python -m bench.personal_data

A client of a thousand signals is erased. Then two years of a shop's settled leads are let go of
while leads come, are claimed and settled: these hot calls are measured before, between the batches,
and when all is gone.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial

import click
from alembic import command
from cryptography.fernet import Fernet
from pydantic import SecretStr

from bench.stage import own_database, servers
from service.embedded.servers import Addresses
from service.flows.claims.claim_next import claim_next
from service.flows.claims.settle_claim import settle_claim
from service.flows.customers.erase_client import ErasureRequest, erase_client
from service.flows.customers.find_subject import NamedClient
from service.flows.leads.receive_signal import receive_signal
from service.leads.customer import Customer
from service.leads.lead import Channel, Signal
from service.leads.operator import Operator
from service.leads.settlement import Outcome, Settlement
from service.logs import configure_logs
from service.resources import Resources, open_resources
from service.settings import Settings
from service.storage.leads.duplicates import Sender
from service.storage.leads.retention import BATCH, drop_leads
from service.storage.operators.operators import put_operator
from service.storage.schema_check import migration_config

SIGNALS = 1000
CALLS = 200
# Copies of one settled lead that came and went as others do: with marks, signals and six events.
COPY_LEADS = """
INSERT INTO leads SELECT (json_populate_record(one.whole, json_build_object(
    'id', gen_random_uuid(), 'external_id', 'old-' || n,
    'created_at', now() - n * interval '{every} seconds' - interval '{ago} days',
    'changed_at', now() - n * interval '{every} seconds' - interval '{ago} days',
    'received_at', now() - n * interval '{every} seconds' - interval '{ago} days',
    'settled_at', now() - n * interval '{every} seconds' - interval '{ago} days'))).*
FROM (SELECT leads AS whole FROM leads WHERE state = 'settled' ORDER BY id LIMIT 1) AS one,
    generate_series(1, {leads}) AS n
"""
COPY_EVENTS = """
INSERT INTO lead_events (lead_id, at, type, actor, state_before, state_after, details)
SELECT id, created_at, 'lead.changed', 'bench', 'waiting', 'waiting',
    json_build_object('note', repeat('слово ', 20))
FROM leads, generate_series(1, 6) WHERE external_id LIKE 'old-%'
"""
COPY_MARKS = """
INSERT INTO lead_identities (queue, identity, lead_id, open, strength)
SELECT queue, 'phone:+7' || (9000000000 + row_number() OVER ()), id, false, 2
FROM leads WHERE external_id LIKE 'old-%'
"""
MORE_SIGNALS = """
INSERT INTO lead_signals SELECT (jsonb_populate_record(one.whole, jsonb_build_object(
    'id', gen_random_uuid(), 'external_id', 'more-' || n))).*
FROM (SELECT lead_signals AS whole FROM lead_signals WHERE sort = 'joined' LIMIT 1) AS one,
    generate_series(1, $1::int) AS n
"""
ACTIVE = """
SELECT active_time AS active, blks_hit + blks_read AS pages
FROM pg_stat_database WHERE datname = current_database()
"""
TABLES = ("leads", "lead_events", "lead_identities", "lead_signals")


@click.command(context_settings={"show_default": True})
@click.option("--leads", default=146_000, help="How many settled leads: 200 a day for two years.")
def main(leads: int) -> None:
    """Measure erasing one client, and letting go of two years."""
    configure_logs("error")
    with servers() as (addresses, _):
        asyncio.run(_measure(addresses, leads))


async def _measure(addresses: Addresses, leads: int) -> None:
    own = await own_database(addresses, "bench_personal")
    await asyncio.to_thread(command.upgrade, migration_config(own.database_url), "head")
    settings = Settings(
        database_url=SecretStr(own.database_url),
        redis_url=SecretStr(own.redis_url),
        redis_prefix="bench-personal:",
        secret_keys=SecretStr(Fernet.generate_key().decode()),
    )
    async with open_resources(settings) as resources:
        async with resources.stores.database.transaction() as connection:
            await put_operator(connection, Operator("anna", ("main",)), resources.clock.now())
        await _erase(resources)
        await _let_go(resources, leads)


async def _erase(resources: Resources) -> None:
    customer = Customer("c-1", "Ирина", "+79161234567")
    for number in range(3):
        await _receive(resources, customer, f"first-{number}")
    database = resources.stores.database
    await database.fetch(MORE_SIGNALS, SIGNALS - 3)
    (before, _), began = await _database_work(resources), time.perf_counter()
    wanted = ErasureRequest(NamedClient(external_id="c-1"), "bench", "bench")
    done = await erase_client(resources, wanted)
    seconds = time.perf_counter() - began
    spent = (await _database_work(resources))[0] - before
    signals = done.counts["signals"]
    click.echo(f"erased {signals} signals in {seconds:.3f} s, {spent:.3f} s of it in the database")


async def _database_work(resources: Resources) -> tuple[float, int]:
    """For how many seconds the database has executed statements, and how many pages they touched.

    Sessions that are idle report after ten seconds. Pages do not depend on what else the machine
    does.
    """
    await asyncio.sleep(11)
    (row,) = await resources.stores.database.fetch(ACTIVE)
    return float(row["active"]) / 1000, int(row["pages"])


async def _let_go(resources: Resources, leads: int) -> None:
    database = resources.stores.database
    await _one(resources, 0)
    every = 730 * 86_400 / leads
    async with database.pool.acquire() as raw:
        await raw.execute("SET statement_timeout = 0")
        await raw.execute("SET session_replication_role = replica")  # copies need no check
        await raw.execute(COPY_LEADS.format(every=every, ago=731, leads=leads), timeout=1800)
        await raw.execute(COPY_EVENTS, timeout=1800)
        await raw.execute(COPY_MARKS, timeout=1800)
        await raw.execute("RESET session_replication_role")
        for name in TABLES:
            await raw.execute(f"VACUUM ANALYZE {name}", timeout=1800)
    await _calls(resources, "warming up", 50)
    await _calls(resources, f"with {leads} old leads", CALLS)
    before = resources.clock.now() - timedelta(days=730)
    batches: list[float] = []
    between: list[float] = []
    while True:
        began = time.perf_counter()
        gone = await drop_leads(database, "main", before)
        batches.append(time.perf_counter() - began)
        if gone < BATCH:
            break
        if len(batches) % 20 == 0:
            between += await _times(resources, 5)
    click.echo(f"{len(batches)} batches of {BATCH}: {_said(batches)}")
    click.echo(f"hot calls between batches: {_said(between)}")
    await _calls(resources, "when all is gone", CALLS)
    async with database.pool.acquire() as raw:
        for name in TABLES:
            await raw.execute(f"VACUUM ANALYZE {name}", timeout=1800)
    await _calls(resources, "after vacuum", CALLS)


async def _calls(resources: Resources, when: str, count: int) -> None:
    (seconds, pages), times = await _database_work(resources), await _times(resources, count)
    more_seconds, more_pages = await _database_work(resources)
    spent = (more_seconds - seconds) * 1000 / count
    click.echo(
        f"receive, claim, settle, {when}: {_said(times)};"
        f" {spent:.1f} ms and {(more_pages - pages) / count:.0f} pages of the database a call"
    )


async def _times(resources: Resources, count: int) -> list[float]:
    return [await _timed(partial(_one, resources, n)) for n in range(count)]


async def _timed(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def _one(resources: Resources, number: int) -> None:
    """A lead comes, is claimed and settled."""
    phone = f"+7916{time.perf_counter_ns() % 10_000_000:07}"
    await _receive(resources, Customer(phone=phone), f"now-{time.perf_counter_ns()}-{number}")
    lead = (await claim_next(resources, "anna")).lead
    if lead is None or lead.claim is None:
        raise click.ClickException("no lead was served")
    end = Settlement(Outcome.LOST, reason="bench", note="bench")
    await settle_claim(resources, lead.id, lead.claim.token, end)


async def _receive(resources: Resources, customer: Customer, name: str) -> None:
    now = resources.clock.now()
    signal = Signal(
        "main", Channel.WHATSAPP, now, source="bench", external_id=name, customer=customer,
        text="Нужны колодки",
    )  # fmt: skip
    await receive_signal(resources, signal, Sender("bench"))


def _said(seconds: Sequence[float]) -> str:
    found = sorted(item * 1000 for item in seconds)
    late = found[min(len(found) - 1, int(len(found) * 0.95))]
    return f"median {statistics.median(found):.1f} ms, 95 % {late:.1f} ms, worst {found[-1]:.1f} ms"


if __name__ == "__main__":
    main()
