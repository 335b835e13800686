"""The floor of the door of webhooks: a body comes, one row is committed, an empty 200 goes.

No source, no signature, no bound, no sealing, no batch; a pool and a statement.
"""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.asgi import listen

TABLE = """
CREATE TABLE IF NOT EXISTS floor_deliveries (
    id uuid PRIMARY KEY, received_at timestamptz NOT NULL DEFAULT now(), body bytea NOT NULL
)
"""
INSERT = "INSERT INTO floor_deliveries (id, body) VALUES ($1, $2)"


async def post(request: Request) -> Response:
    """Keep a body."""
    await request.app.state.pool.execute(INSERT, uuid.uuid4(), await request.body())
    return Response()


def create_app() -> Starlette:
    """One route."""
    return Starlette(routes=[Route("/floor", post, methods=["POST"])], lifespan=_connected)


@asynccontextmanager
async def _connected(app: Starlette) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["FLOOR_DATABASE_URL"]) as pool:
        await pool.execute(TABLE)
        app.state.pool = pool
        yield


if __name__ == "__main__":
    listen(
        "bench.webhook_floor:create_app",
        int(os.environ["FLOOR_PORT"]),
        timeout_graceful_shutdown=10,
    )
