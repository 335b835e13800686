"""The tuned floor: raw ASGI, one statement for all that come together, one call of Valkey.

It writes the same rows as the service, without any of its rules: no key, validation, recognition,
ranking, routing or guard of a version. A bound for what this machine can do in one Python process.
"""

import os
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from redis.asyncio import Redis

from bench.asgi import Receive, body_of, listen
from bench.tuned import statements
from bench.tuned.batch import Batch
from bench.tuned.rows import Pattern, Rows, as_ends, as_rows, new_token

LEASE_SECONDS = 120
AS_JSON = ("customer", "items", "attributes", "explanation", "timeline")
# As the service's hot connections: by index, whatever the tables were when it was planned.
SETTINGS = {"enable_seqscan": "off", "jit": "off", "timezone": "UTC"}

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Ended = tuple[str, Mapping[str, Any]]


class TunedFloor:
    """The application."""

    def __init__(self) -> None:
        self._pattern = Pattern(orjson.loads(Path(os.environ["FLOOR_PATTERN"]).read_bytes()))
        self._insert = statements.insert(self._pattern.columns)
        prefix = os.environ["FLOOR_REDIS_PREFIX"]
        self._line, self._held = f"{prefix}line", f"{prefix}held"
        self._in: Batch[Rows, None] = Batch(self._take_in)
        self._next: Batch[str, bytes | None] = Batch(self._serve)
        self._end: Batch[Ended, bytes | None] = Batch(self._settle)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        status, body = await self._answer(scope["path"], receive)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, path: str, receive: Receive) -> tuple[int, bytes]:
        if path == "/tuned/leads":
            rows = self._pattern.rows_of(orjson.loads(await body_of(receive)))
            await self._in.go(rows)
            return 201, rows.lead
        if path.endswith("/next"):
            served = await self._next.go(path.split("/")[3])
            return (204, b"") if served is None else (200, served)
        if path.endswith("/settle"):
            sent = orjson.loads(await body_of(receive))
            ended = await self._end.go((path.split("/")[3], sent))
            return (409, b"") if ended is None else (200, ended)
        return (200 if path == "/ready" else 404), b""

    async def _take_in(self, rows: Sequence[Rows]) -> Sequence[None]:
        await self._pool.execute(self._insert, *as_rows(rows))
        await self._redis.zadd(self._line, {row.id: -row.rank for row in rows})
        return [None] * len(rows)

    async def _serve(self, operators: Sequence[str]) -> Sequence[bytes | None]:
        first: Any = await self._redis.zpopmin(self._line, len(operators))
        ids = [UUID(lead_id.decode()) for lead_id, _ in first]
        if not ids:
            return [None] * len(operators)
        tokens = [new_token() for _ in ids]
        claimed = await self._pool.fetch(
            statements.CLAIM, ids, operators[: len(ids)], tokens, self._pattern.claimed
        )
        await self._redis.zadd(self._held, {str(row["id"]): LEASE_SECONDS for row in claimed})
        found = {row["id"]: _lead(row, {"token": row["claim_token"]}) for row in claimed}
        served = [found.get(lead_id) for lead_id in ids]
        return served + [None] * (len(operators) - len(served))

    async def _settle(self, ends: Sequence[Ended]) -> Sequence[bytes | None]:
        pattern = self._pattern
        rows = await self._pool.fetch(
            statements.SETTLE, as_ends(ends), pattern.context, pattern.before, pattern.settled
        )
        await self._redis.zrem(self._held, *(lead_id for lead_id, _ in ends))
        ended = {str(row["id"]): _lead(row, {}) for row in rows}
        return [ended.get(lead_id) for lead_id, _ in ends]

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._redis = Redis.from_url(os.environ["FLOOR_REDIS_URL"])
        url = os.environ["FLOOR_DATABASE_URL"]
        async with (
            self._redis,
            asyncpg.create_pool(
                url, min_size=3, max_size=4, reset=_leave_as_is, server_settings=SETTINGS
            ) as self._pool,
        ):
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


async def _leave_as_is(_connection: asyncpg.Connection) -> None:
    """The usual reset of a connection is a second round trip."""


def _lead(row: asyncpg.Record, more: Mapping[str, Any]) -> bytes:
    lead = {**row, **more}
    for name in AS_JSON:
        if lead[name] is not None:
            lead[name] = orjson.Fragment(lead[name])
    return orjson.dumps(lead, default=str)


if __name__ == "__main__":
    listen(
        "bench.tuned.door:TunedFloor",
        int(os.environ["FLOOR_PORT"]),
        workers=int(os.environ["FLOOR_WORKERS"]),
        interface="asgi3",
        timeout_graceful_shutdown=10,
    )
