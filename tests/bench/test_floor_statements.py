"""What the service is measured beside does what is said of it."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest

from bench.floor_calls import CLAIM, SETTLE, TABLE
from bench.tuned import statements
from bench.tuned.pattern import LEAD, SALE, pattern_of
from bench.tuned.rows import Pattern, as_ends, as_rows
from service.embedded.servers import Addresses
from service.resources import Resources

FILL = """
INSERT INTO floor_leads (id, version, state, queue, channel, source, external_id, received_at,
    intent, paid, rank)
SELECT gen_random_uuid(), 1, 'waiting', 'main', 'vk', 'tests', n::text, now(), 'sale', false, n
FROM generate_series(1, 9000) AS n
"""
WRITTEN = ("leads", "lead_identities", "customers", "customer_marks", "lead_events", "ended_claims")
OTHERS = {
    **{"external_id": "tuned", "received_at": "2026-11-30T09:00:00Z"},
    "customer": {
        **{"external_id": "client-0000002", "name": "Анна", "phone": "+7 900 0000002"},
        **{"email": "client0000002@example.org", "messengers": {"telegram": "id0000002"}},
    },
}


@pytest.fixture
async def floor(servers: Addresses) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the floor's tables, which are gone afterwards."""
    connection = await asyncpg.connect(servers.database_url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(TABLE)
    yield connection
    await transaction.rollback()
    await connection.close()


@pytest.mark.parametrize("statement", [CLAIM, SETTLE])
async def test_the_floor_finds_a_lead_by_its_id(floor: asyncpg.Connection, statement: str) -> None:
    """Whatever its statistics know: a scan of all claimed leads would flatter the service."""
    await floor.execute(FILL)
    await floor.execute("ANALYZE floor_leads; SET LOCAL plan_cache_mode = force_generic_plan")
    await floor.execute("UPDATE floor_leads SET state = 'claimed', token = gen_random_uuid()")
    await floor.execute(f"PREPARE asked AS {statement}")
    nulls = ", ".join(["NULL"] * (3 if statement == CLAIM else 5))
    plan = "\n".join(row[0] for row in await floor.fetch(f"EXPLAIN EXECUTE asked ({nulls})"))
    assert "floor_leads_pkey" in plan
    assert "floor_leads_state_rank_idx" not in plan


async def test_the_floor_settles_a_claim_once(floor: asyncpg.Connection) -> None:
    await floor.execute(FILL)
    lead_id, token = await floor.fetchval("SELECT id FROM floor_leads LIMIT 1"), uuid.uuid4()
    assert (await floor.fetchrow(CLAIM, lead_id, "anna", token))["state"] == "claimed"
    assert await floor.fetchrow(CLAIM, lead_id, "boris", uuid.uuid4()) is None
    end = ("won", None, None)
    assert await floor.fetchrow(SETTLE, lead_id, uuid.uuid4(), *end) is None
    assert (await floor.fetchrow(SETTLE, lead_id, token, *end))["state"] == "settled"
    assert await floor.fetchrow(SETTLE, lead_id, token, *end) is None


async def test_the_tuned_floor_writes_as_many_rows_as_the_service(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    pool = resources.stores.database.pool
    kept: dict[str, Any] = await pattern_of(client, pool)
    pattern, body = Pattern(kept), {**LEAD, **OTHERS}
    rows = [pattern.rows_of(body)]
    await pool.execute(statements.insert(pattern.columns), *as_rows(rows))
    taken = ([rows[0].id], ["anna"], ["token"], pattern.claimed)
    (claimed,) = await pool.fetch(statements.CLAIM, *taken)
    assert (claimed["state"], claimed["claimed_by"]) == ("claimed", "anna")
    end = as_ends([(rows[0].id, {"token": "token", **SALE})])
    given = (end, pattern.context, pattern.before, pattern.settled)
    (settled,) = await pool.fetch(statements.SETTLE, *given)
    assert (settled["state"], settled["settled_by"]) == ("settled", "anna")
    assert await pool.fetch(statements.SETTLE, *given) == []

    found = {table: await pool.fetchval(f"SELECT count(*) FROM {table}") for table in WRITTEN}
    ours = kept["settled"]
    assert found == {
        **{"leads": 1, "customers": 1, "ended_claims": 1},
        "lead_identities": len(ours["marks"]),
        "customer_marks": len(ours["learnt"]),
        "lead_events": len(ours["events"]),
    }
    empty = {name for name, value in json.loads(await _lead(pool)).items() if value is None}
    assert empty <= {name for name, value in ours["lead"].items() if value is None}


async def _lead(pool: asyncpg.Pool) -> str:
    text: str = await pool.fetchval("SELECT row_to_json(leads)::text FROM leads")
    return text
