"""The statements of deliveries find their rows by an index, however many were read long ago."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from service.embedded.servers import Addresses
from service.resources import Resources
from service.storage.json_rows import as_json
from service.storage.senders import deliveries

FILL = """
INSERT INTO deliveries (id, source, received_at, next_try_at, request, size, state)
SELECT gen_random_uuid(), 'shop', now() - n * interval '1 minute', now(), '', 0,
    CASE n % 1000 WHEN 0 THEN 'received' WHEN 1 THEN 'quarantined' ELSE 'read' END
FROM generate_series(1, 30000) AS n
"""
SOURCE = """
INSERT INTO sources (name, adapter, queue, secrets, tokens, options, operators, time_zone, region,
    created_at, changed_at)
VALUES ('shop', 'tawk', 'main', '{}', '[]', '{}', '{}', 'UTC', 'RU', now(), now())
"""


@pytest.fixture
async def connection(resources: Resources, servers: Addresses) -> AsyncIterator[asyncpg.Connection]:
    async with resources.stores.database.transaction() as filling:
        await filling.execute(text("SET LOCAL statement_timeout = 0"))  # the machine may be busy
        await filling.execute(text(SOURCE))
        await filling.execute(text(FILL))
    opened = await asyncpg.connect(servers.database_url)
    await opened.execute("ANALYZE deliveries")
    yield opened
    await opened.execute("DELETE FROM deliveries")
    await opened.close()


async def scans(connection: asyncpg.Connection, statement: str, *arguments: Any) -> set[str]:
    """Every way in which the statement's plan reads the table of deliveries."""
    plan = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *arguments))
    found: set[str] = set()

    def walk(node: dict[str, Any]) -> None:
        if node.get("Relation Name") == "deliveries" and node["Node Type"] != "ModifyTable":
            found.add(node.get("Index Name", node["Node Type"]))
        if node["Node Type"].startswith("Bitmap Index"):
            found.add(node["Index Name"])
        for inner in node.get("Plans", ()):
            walk(inner)

    walk(plan[0]["Plan"])
    return found - {"Bitmap Heap Scan"}


OF_WHAT_WAITS = {"deliveries_due_idx", "deliveries_state_id_idx"}  # few rows by either


async def test_what_is_due_is_found_and_taken_among_what_waits(
    connection: asyncpg.Connection,
) -> None:
    now = await connection.fetchval("SELECT now()")
    found = await scans(connection, deliveries.DUE_SOURCES, now, [], ["bitrix24"], 8, 4)
    assert found
    assert found <= OF_WHAT_WAITS
    for take in (deliveries.TAKE, deliveries.TAKE_SUSPECTED):
        taken = await scans(connection, take, "shop", now, 32, timedelta(seconds=1))
        assert taken - OF_WHAT_WAITS == {"deliveries_pkey"}


async def test_a_delivery_is_ended_by_its_key(connection: asyncpg.Connection) -> None:
    now, nobody = await connection.fetchval("SELECT now()"), UUID(int=0)
    by_key = {"deliveries_pkey", "deliveries_state_id_idx"}
    sent = ("read", None, now, None, [], [], False)
    ended = await scans(connection, deliveries.FINISH, nobody, *sent)
    assert len(ended & by_key) == len(ended) == 1
    again = await scans(connection, deliveries.AGAIN_LATER, nobody, now, "away")
    assert len(again & by_key) == len(again) == 1


@pytest.mark.parametrize("state", ["read", "quarantined"])
async def test_what_is_old_is_found_by_its_state_and_time(
    connection: asyncpg.Connection, state: str
) -> None:
    before = await connection.fetchval("SELECT now() - interval '20 days'")
    kept = as_json([{"source": "shop", "state": state, "before": before}])
    found = await scans(connection, deliveries.DROP_OLD, kept, 100)
    by_time = {"deliveries_source_received_at_idx", "deliveries_state_received_at_idx"}
    assert found <= {*by_time, "deliveries_pkey"}
    assert found & by_time
