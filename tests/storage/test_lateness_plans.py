"""What is late, and what operators did, is found by an index among any number of leads."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI

from service.embedded.servers import Addresses
from service.storage.leads import lateness
from service.storage.operators import operator_stats

FILL = """
INSERT INTO leads (id, version, state, created_at, created_by, changed_at, queue, channel,
    received_at, source, live, intent, paid, kind, stage, score, cost_per_minute, rank, lane,
    policy_version, explanation, unanswered_calls, asked_at, callback_due, chance, timeline,
    late_at, late_told)
SELECT gen_random_uuid(), 1, 'waiting', now(), 'tests', now(), 'main', 'vk', now(), 'api', false,
    'sale', false, 'chat', 600, 50, 1, n, 'everybody', 1, '{}', 0, now(), false, 0.45, '[]',
    now() + (n - 20000) * interval '1 minute', n <= 19900
FROM generate_series(1, 90000) AS n
"""
EVENTS = """
INSERT INTO lead_events (lead_id, at, type, actor, state_before, state_after)
SELECT id, late_at, CASE WHEN rank % 10 = 0 THEN 'lead.claimed' ELSE 'lead.moved' END, 'anna',
    'waiting', 'waiting'
FROM leads
"""
pytestmark = pytest.mark.more
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
async def connection(app: FastAPI, servers: Addresses) -> Any:
    """A connection to tables that are filled once: the tests only look at them."""
    opened = await asyncpg.connect(servers.database_url)
    await opened.execute(f"TRUNCATE leads CASCADE; {FILL}; {EVENTS}")
    await opened.execute("ANALYZE leads; ANALYZE lead_events")
    yield opened
    await opened.execute("TRUNCATE leads CASCADE")
    await opened.close()


async def reads(connection: asyncpg.Connection, statement: str, *arguments: Any) -> dict[str, int]:
    """How many rows a statement really reads, by index or kind of scan."""
    explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
    async with connection.transaction():
        plan = json.loads(await connection.fetchval(explained, *arguments))
    found: dict[str, int] = {}

    def walk(node: dict[str, Any]) -> None:
        if "Scan" in node["Node Type"] and ("Relation Name" in node or "Index Name" in node):
            name = node.get("Index Name", node["Node Type"])
            rows = node["Actual Rows"] * node["Actual Loops"]
            found[name] = found.get(name, 0) + round(rows)
        for inner in node.get("Plans", ()):
            walk(inner)

    walk(plan[0]["Plan"])
    return found


async def moment(connection: asyncpg.Connection) -> datetime:
    now: datetime = await connection.fetchval("SELECT now()")
    return now


async def test_a_page_of_late_leads_reads_a_page_of_the_index(connection: Any) -> None:
    now = await moment(connection)
    first = (now - timedelta(days=400), UUID(int=0))
    found = await reads(connection, lateness.LATE, "main", now, HOUR, *first, 50)
    assert "Seq Scan" not in found
    assert found["leads_late_idx"] <= 2 * 50
    middle = (now - timedelta(days=5), UUID(int=0))
    found = await reads(connection, lateness.LATE, "main", now, HOUR, *middle, 50)
    assert found["leads_late_idx"] <= 2 * 50


async def test_telling_reads_only_those_not_told_of(connection: Any) -> None:
    now = await moment(connection)
    found = await reads(connection, lateness.TELL, "main", now, HOUR, 500)
    assert "Seq Scan" not in found
    assert 0 < found["leads_late_idx"] <= 101


async def test_who_is_late_is_counted_from_the_index(connection: Any) -> None:
    then = await moment(connection) - timedelta(minutes=19_000)
    found = await reads(connection, lateness.COUNT, "main", then, HOUR)
    assert "Seq Scan" not in found
    assert found["leads_late_idx"] == 1000


async def test_the_figures_of_operators_read_the_claims_of_their_time(connection: Any) -> None:
    now = await moment(connection)
    window = ("main", now - timedelta(hours=10), now)
    found = await reads(connection, operator_stats.FIGURES, *window)
    assert "Seq Scan" not in found
    assert found["lead_events_claimed_at_idx"] == 60
