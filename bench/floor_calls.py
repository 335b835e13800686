"""The two store calls of the floor, and its tables: one statement and one script each."""

import json
import os
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import asyncpg
from redis.asyncio import Redis

SEEN = 20  # leads of the line that a poll looks at
LEASE_SECONDS = 120

TABLE = """
CREATE TABLE floor_leads (
    id uuid PRIMARY KEY, version int NOT NULL, state text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), queue text NOT NULL, channel text NOT NULL,
    source text NOT NULL, external_id text NOT NULL, received_at timestamptz NOT NULL,
    customer jsonb, text text, items jsonb, budget numeric(14, 2), urgency double precision,
    needed_by timestamptz, vin text, intent text NOT NULL, paid boolean NOT NULL, attributes jsonb,
    rank double precision NOT NULL, claimed_by text, claimed_at timestamptz, token uuid,
    outcome text, amount numeric(14, 2), note text, settled_at timestamptz
);
CREATE UNIQUE INDEX ON floor_leads (source, external_id);
CREATE INDEX ON floor_leads (state, rank);
CREATE TABLE floor_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lead_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(), type text NOT NULL, actor text NOT NULL, details jsonb
)
"""

INSERT = """
INSERT INTO floor_leads (id, version, state, queue, channel, source, external_id, received_at,
    customer, text, items, budget, urgency, needed_by, vin, intent, paid, attributes, rank)
VALUES ($1, 1, 'waiting', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
RETURNING *
"""

# Neither asks for the state. While the statistics know of waiting leads only, the planner holds a
# claimed one for rare, and would walk through all of them by the index of states.
CLAIM = """
UPDATE floor_leads SET state = 'claimed', version = version + 1, claimed_by = $2,
    claimed_at = now(), token = $3
WHERE id = $1 AND token IS NULL AND settled_at IS NULL
RETURNING *
"""

SETTLE = """
UPDATE floor_leads SET state = 'settled', version = version + 1, outcome = $3, amount = $4,
    note = $5, settled_at = now(), token = NULL
WHERE id = $1 AND token = $2
RETURNING *
"""

TELL = """
INSERT INTO floor_events (lead_id, type, actor, details) VALUES ($1, 'settled', $2, $3)
"""

FIND = "SELECT * FROM floor_leads WHERE id = ANY ($1::uuid[])"

PUT_IN_LINE = """
return redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
"""

TAKE_FIRST = """
local first = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
if not first then return nil end
redis.call('ZREM', KEYS[1], first)
redis.call('ZADD', KEYS[2], ARGV[1], first)
return first
"""


@dataclass(frozen=True, slots=True)
class Stores:
    """A pool of Postgres and a client of Redis, with both scripts loaded."""

    pool: asyncpg.Pool
    redis: Redis
    put_in_line: str
    take_first: str
    line: str
    held: str


async def take_in(stores: Stores, body: dict[str, Any]) -> dict[str, Any]:
    """Store a lead, put it in line."""
    lead_id, received_at = uuid.uuid4(), datetime.fromisoformat(body["received_at"])
    rank = received_at.timestamp()
    row = await stores.pool.fetchrow(INSERT, lead_id, *_columns(body, received_at), rank)
    assert row is not None, "an INSERT without a condition has a row"  # noqa: S101
    await stores.redis.evalsha(stores.put_in_line, 1, stores.line, str(rank), str(lead_id))
    return _plain(row)


async def serve(stores: Stores, operator: str) -> dict[str, Any] | None:
    """Take the first of the line, claim it."""
    lease_until = time.time() + LEASE_SECONDS  # noqa: TID251  the floor has no other clock
    lead_id = await stores.redis.evalsha(
        stores.take_first, 2, stores.line, stores.held, str(lease_until)
    )
    if lead_id is None:
        return None
    row = await stores.pool.fetchrow(CLAIM, lead_id, operator, uuid.uuid4())
    return None if row is None else _plain(row)


async def settle(stores: Stores, lead_id: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """End a claim by its token, with an event; None when it is gone."""
    amount = body.get("amount")
    settled = (body["outcome"], amount and Decimal(amount), body.get("note"))
    row = await stores.pool.fetchrow(SETTLE, lead_id, body["token"], *settled)
    if row is None:
        return None
    await stores.pool.execute(TELL, lead_id, row["claimed_by"], body)
    await stores.redis.zrem(stores.held, lead_id)
    return _plain(row)


async def look(stores: Stores) -> list[dict[str, Any]]:
    """The first of the line, as an operator's page shows them."""
    ids = await stores.redis.zrange(stores.line, 0, SEEN - 1)
    found = {str(row["id"]): row for row in await stores.pool.fetch(FIND, ids)}
    return [_plain(found[lead_id]) for lead_id in ids if lead_id in found]


async def open_stores(pool: asyncpg.Pool, redis: Redis) -> Stores:
    """The stores of one floor, its scripts loaded."""
    prefix = os.environ["FLOOR_REDIS_PREFIX"]
    return Stores(
        pool=pool,
        redis=redis,
        put_in_line=await redis.script_load(PUT_IN_LINE),
        take_first=await redis.script_load(TAKE_FIRST),
        line=f"{prefix}line",
        held=f"{prefix}held",
    )


async def speak_json(connection: asyncpg.Connection) -> None:
    """Let jsonb be what json makes of it."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
    )


async def leave_as_is(_connection: asyncpg.Connection) -> None:
    """The usual reset of a connection is a second round trip."""


def _columns(body: dict[str, Any], received_at: datetime) -> tuple[Any, ...]:
    budget, needed_by = body.get("budget"), body.get("needed_by")
    return (
        *(body.get("queue", "main"), body["channel"], body["source"], body["external_id"]),
        *(received_at, body.get("customer"), body.get("text"), body.get("items")),
        *(budget and Decimal(budget), body.get("urgency")),
        *(needed_by and datetime.fromisoformat(needed_by), body.get("vin")),
        *(body.get("intent", "sale"), body.get("paid", False), body.get("attributes")),
    )


def _plain(row: asyncpg.Record) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in row.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID | Decimal) else value
