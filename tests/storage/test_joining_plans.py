"""Whether a client has an open lead is found by an index, among any number of clients."""

from typing import Any

import asyncpg
import pytest
from builders import a_signal
from sqlalchemy import text

from service.flows.leads.receive_signal import receive_signal
from service.leads.customer import Customer
from service.resources import Resources
from service.storage.leads import intake
from service.storage.leads.duplicates import Sender

COPIES = 20_000
IDENTITIES = f"""
INSERT INTO lead_identities (queue, identity, lead_id, open, strength)
SELECT 'main', 'phone:' || n, id, n % 10 = 0, 2 FROM leads, generate_series(1, {COPIES}) AS n
"""
SIGNALS = f"""
INSERT INTO lead_signals
    (id, lead_id, at, sort, created_by, source, external_id, told_at, evidence, facts)
SELECT gen_random_uuid(), id, now(), 'joined', 'tests', 'shop', 'copy-' || n, now(), '{{}}', '{{}}'
FROM leads, generate_series(1, {COPIES}) AS n
"""


@pytest.fixture
async def crowded(resources: Resources) -> Resources:
    await receive_signal(resources, a_signal(received_at=resources.clock.now()), Sender("tests"))
    async with resources.stores.database.transaction() as connection:
        for statement in (IDENTITIES, SIGNALS, "ANALYZE lead_identities", "ANALYZE lead_signals"):
            await connection.execute(text(statement))
    return resources


async def whole_scans(connection: Any, statement: str, *arguments: str) -> set[str]:
    """The tables that the statement's plan would read from end to end."""
    plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *arguments)
    found: set[str] = set()

    def walk(node: dict[str, Any]) -> None:
        if node["Node Type"] == "Seq Scan":
            found.add(node["Relation Name"])
        for inner in node.get("Plans", ()):
            walk(inner)

    walk(plan[0]["Plan"])
    return found


async def test_taking_a_lead_in_reads_no_table_of_clients_whole(crowded: Resources) -> None:
    async with crowded.stores.database.pool.acquire() as connection:
        assert isinstance(connection, asyncpg.pool.PoolConnectionProxy)
        # as the planner sees it when it does not know what will be sent
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        found = await whole_scans(connection, intake.INSERT, *["[]"] * 6, [])
        await connection.execute("RESET plan_cache_mode")
    assert not found & {"lead_identities", "lead_signals", "leads", "customers", "customer_marks"}


async def test_a_client_among_many_joins_his_lead(crowded: Resources) -> None:
    now, client = crowded.clock.now(), Customer(phone="+79001234567")
    signals = [a_signal(received_at=now, customer=client, text=str(number)) for number in range(2)]
    first, second = [await receive_signal(crowded, signal, Sender("tests")) for signal in signals]
    assert first.lead.id == second.lead.id
