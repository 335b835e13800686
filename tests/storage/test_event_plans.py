"""What is due is found by an index, however much is pending, dead or delivered."""

import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from driven_clock import NOON

from service.embedded.servers import Addresses
from service.resources import Resources
from service.storage.events import event_deliveries, event_fan_out, event_replay

SUBSCRIBE = """
INSERT INTO subscriptions (name, url, types, active, secret, created_at, changed_at)
SELECT 'crm' || n, 'https://crm.example.com', '{*}', true, '', now(), now()
FROM generate_series(1, 5) AS n
"""
# A receiver that has been away for long: of each of its leads ten events wait behind one.
FILL = """
INSERT INTO event_deliveries (subscription, log, event_id, about, type, state, attempts,
    created_at, next_try_at, ended_at)
SELECT 'crm' || n % 5 + 1, 'lead', n, 'lead ' || n % 2000, 'lead.moved',
    CASE WHEN n % 3 = 0 THEN 'pending' WHEN n % 3 = 1 THEN 'delivered' ELSE 'dead' END, 1, now(),
    CASE WHEN n % 300 = 0 THEN now() + n * interval '1 second' END,
    CASE WHEN n % 3 <> 0 THEN now() - n * interval '1 second' END
FROM generate_series(1, 30000) AS n
"""
TOLD = """
INSERT INTO lead_events (lead_id, at, type, actor, state_before, state_after, txid)
SELECT id, now(), 'lead.moved', 'tests', 'waiting', 'waiting', n
FROM leads, generate_series(1, 20000) AS n
"""


@pytest.fixture
async def connection(
    resources: Resources, servers: Addresses, receive: Any
) -> AsyncIterator[asyncpg.Connection]:
    await receive()
    opened = await asyncpg.connect(servers.database_url)
    for statement in (SUBSCRIBE, FILL, TOLD, "ANALYZE event_deliveries", "ANALYZE lead_events"):
        await opened.execute(statement)
    yield opened
    await opened.close()


async def indexes(connection: asyncpg.Connection, statement: str, *arguments: Any) -> set[str]:
    """How a statement reads the two long tables."""
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    plan = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *arguments))
    found: set[str] = set()

    def walk(node: dict[str, Any]) -> None:
        read = node.get("Relation Name") in ("event_deliveries", "lead_events")
        if read and node["Node Type"] not in ("ModifyTable", "Bitmap Heap Scan"):
            found.add(node.get("Index Name", node["Node Type"]))
        if node["Node Type"].startswith("Bitmap Index"):
            found.add(node["Index Name"])
        for inner in node.get("Plans", ()):
            walk(inner)

    walk(plan[0]["Plan"])
    return found


def numbered(statement: str, **arguments: str) -> str:
    """A statement of SQLAlchemy with the literals instead of its parameters."""
    for name, literal in arguments.items():
        statement = statement.replace(f":{name}", literal)
    return statement


async def test_what_is_due_is_found_by_when_it_is_due(connection: asyncpg.Connection) -> None:
    found = await indexes(connection, event_deliveries.SUBSCRIPTIONS_DUE, NOON)
    assert found == {"event_deliveries_due_idx"}
    taken = (event_deliveries.TAKE, "crm1", NOON, 8, event_deliveries.LEASE)
    assert await indexes(connection, *taken) == {
        "event_deliveries_due_idx", "event_deliveries_pkey", "lead_events_pkey",
    }  # fmt: skip


async def test_the_next_turn_is_found_by_the_lead(connection: asyncpg.Connection) -> None:
    sent = {"subscription": "'crm1'", "abouts": "'{lead 7,lead 8}'", "now": "now()"}
    statement = numbered(event_deliveries.NEXT_TURN.text, **sent)
    assert await indexes(connection, statement) == {
        "event_deliveries_order_idx", "event_deliveries_pkey",
    }  # fmt: skip


async def test_new_events_are_found_by_their_transactions(connection: asyncpg.Connection) -> None:
    within = {"lower": "19000", "upper": "19100", "after_id": "0", "now": "now()", "most": "1000"}
    log = event_fan_out.LOGS["lead"]
    news = event_fan_out.SOMETHING_NEW.text
    for statement in (log.page_end, log.pass_on, log.oldest_left, log.overtaking, news):
        found = await indexes(connection, numbered(statement, **within))
        assert found - {"event_deliveries_order_idx"} == {"lead_events_txid_idx"}


async def test_what_is_to_be_forgotten_is_found_by_its_end(connection: asyncpg.Connection) -> None:
    found = await indexes(connection, event_replay.FORGET, "dead", NOON, 100)
    assert found == {"event_deliveries_ended_idx", "event_deliveries_pkey"}
