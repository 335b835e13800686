"""The floor: what a good engineer writes first, with nothing but the two store calls.

A route parses the body, makes one statement in Postgres and runs one script in Redis, and answers
with the row: no key, no validation, no ranking, no history, no client's card, no lease.
"""

import json
import os
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import asyncpg
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from redis.asyncio import Redis
from starlette.routing import Route

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

CLAIM = """
UPDATE floor_leads SET state = 'claimed', version = version + 1, claimed_by = $2,
    claimed_at = now(), token = $3
WHERE id = $1 AND state = 'waiting'
RETURNING *
"""

SETTLE = """
UPDATE floor_leads SET state = 'settled', version = version + 1, outcome = $3, amount = $4,
    note = $5, settled_at = now()
WHERE id = $1 AND token = $2 AND state = 'claimed'
RETURNING *
"""

TELL = """
INSERT INTO floor_events (lead_id, type, actor, details) VALUES ($1, 'settled', $2, $3)
"""

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


async def post_lead(request: Request) -> JSONResponse:
    """The floor of taking in."""
    return JSONResponse(await take_in(request.app.state.floor, await request.json()), 201)


async def post_next(operator: str, request: Request) -> Response:
    """The floor of serving."""
    return _answer(await serve(request.app.state.floor, operator))


async def post_settle(lead_id: str, request: Request) -> Response:
    """The floor of settling."""
    return _ended(await settle(request.app.state.floor, lead_id, await request.json()))


async def post_lead_harder(request: Request) -> JSONResponse:
    """The harder floor of taking in."""
    return JSONResponse(await take_in(request.app.state.harder, await request.json()), 201)


async def post_next_harder(request: Request) -> Response:
    """The harder floor of serving."""
    return _answer(await serve(request.app.state.harder, request.path_params["operator"]))


async def post_settle_harder(request: Request) -> Response:
    """The harder floor of settling."""
    lead_id = request.path_params["lead_id"]
    return _ended(await settle(request.app.state.harder, lead_id, await request.json()))


def create_app() -> FastAPI:
    """FastAPI's routes for the floor, plain Starlette routes for the harder one."""
    app = FastAPI(lifespan=_connected)
    app.post("/floor/leads")(post_lead)
    app.post("/floor/operators/{operator}/next")(post_next)
    app.post("/floor/leads/{lead_id}/settle")(post_settle)
    app.router.routes += [
        Route("/harder/leads", post_lead_harder, methods=["POST"]),
        Route("/harder/operators/{operator}/next", post_next_harder, methods=["POST"]),
        Route("/harder/leads/{lead_id}/settle", post_settle_harder, methods=["POST"]),
    ]
    return app


@asynccontextmanager
async def _connected(app: FastAPI) -> AsyncIterator[None]:
    url = os.environ["FLOOR_DATABASE_URL"]
    redis = Redis.from_url(os.environ["FLOOR_REDIS_URL"], decode_responses=True)
    async with (
        redis,
        asyncpg.create_pool(url, init=_speak_json) as pool,
        asyncpg.create_pool(url, init=_speak_json, reset=_leave_as_is) as harder_pool,
    ):
        app.state.floor = await _stores(pool, redis)
        app.state.harder = await _stores(harder_pool, redis)
        yield


async def _stores(pool: asyncpg.Pool, redis: Redis) -> Stores:
    prefix = os.environ["FLOOR_REDIS_PREFIX"]
    return Stores(
        pool=pool,
        redis=redis,
        put_in_line=await redis.script_load(PUT_IN_LINE),
        take_first=await redis.script_load(TAKE_FIRST),
        line=f"{prefix}line",
        held=f"{prefix}held",
    )


async def _speak_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
    )


async def _leave_as_is(_connection: asyncpg.Connection) -> None:
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


def _answer(lead: dict[str, Any] | None) -> Response:
    return Response(status_code=204) if lead is None else JSONResponse(lead)


def _ended(lead: dict[str, Any] | None) -> Response:
    return Response(status_code=409) if lead is None else JSONResponse(lead)


def _plain(row: asyncpg.Record) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in row.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID | Decimal) else value


if __name__ == "__main__":
    uvicorn.run(
        "bench.floor:create_app",
        factory=True,
        port=int(os.environ["FLOOR_PORT"]),
        workers=int(os.environ["FLOOR_WORKERS"]),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
