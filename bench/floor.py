"""The floor: what a good engineer writes first, with nothing but the two store calls.

A route parses the body, makes one statement in Postgres and runs one script in Redis, and answers
with the row: no key, no validation, no ranking, no history, no client's card, no lease.
"""

import hashlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from redis.asyncio import Redis
from starlette.routing import Route

from bench.asgi import listen
from bench.floor_calls import (
    Stores,
    leave_as_is,
    look,
    open_stores,
    serve,
    settle,
    speak_json,
    take_in,
)

Lead = dict[str, Any]


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


async def get_queue(operator: str, request: Request) -> Response:
    """The floor of a poll; nobody's name matters to it."""
    return await _seen(request.app.state.floor, request)


async def get_queue_harder(request: Request) -> Response:
    """The harder floor of a poll."""
    return await _seen(request.app.state.harder, request)


def create_app() -> FastAPI:
    """FastAPI's routes for the floor, plain Starlette routes for the harder one."""
    app = FastAPI(lifespan=_connected)
    app.post("/floor/leads")(post_lead)
    app.post("/floor/operators/{operator}/next")(post_next)
    app.post("/floor/leads/{lead_id}/settle")(post_settle)
    app.get("/floor/operators/{operator}/queue")(get_queue)
    app.router.routes += [
        Route("/harder/leads", post_lead_harder, methods=["POST"]),
        Route("/harder/operators/{operator}/next", post_next_harder, methods=["POST"]),
        Route("/harder/leads/{lead_id}/settle", post_settle_harder, methods=["POST"]),
        Route("/harder/operators/{operator}/queue", get_queue_harder),
    ]
    return app


@asynccontextmanager
async def _connected(app: FastAPI) -> AsyncIterator[None]:
    url = os.environ["FLOOR_DATABASE_URL"]
    redis = Redis.from_url(os.environ["FLOOR_REDIS_URL"], decode_responses=True)
    async with (
        redis,
        asyncpg.create_pool(url, min_size=1, init=speak_json) as pool,
        asyncpg.create_pool(url, min_size=1, init=speak_json, reset=leave_as_is) as harder_pool,
    ):
        app.state.floor = await open_stores(pool, redis)
        app.state.harder = await open_stores(harder_pool, redis)
        yield


def _answer(lead: Lead | None) -> Response:
    return Response(status_code=204) if lead is None else JSONResponse(lead)


def _ended(lead: Lead | None) -> Response:
    return Response(status_code=409) if lead is None else JSONResponse(lead)


async def _seen(stores: Stores, request: Request) -> Response:
    """Who has the answer already is told so, as a conditional GET is usually added to a route."""
    body = json.dumps({"leads": await look(stores)}).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    return Response(body, media_type="application/json", headers={"ETag": etag})


if __name__ == "__main__":
    listen(
        "bench.floor:create_app",
        int(os.environ["FLOOR_PORT"]),
        workers=int(os.environ["FLOOR_WORKERS"]),
        timeout_graceful_shutdown=10,
    )
