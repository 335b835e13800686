"""Processor time of a request, on however busy a machine: `python -m bench.costs`.

Service and floor run in this process, without HTTP; so many callers ask each at once, in turns.
Rates of a busy machine say little; its processor time per request holds within a tenth. Told are
microseconds of Python, of Postgres and of Valkey, and by how much the floor's Python is more.
"""

import asyncio
import json
import os
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Any

import asyncpg
import click
import uvloop
from fastapi import FastAPI

from bench import floor
from bench.floor_calls import TABLE
from bench.processes import finish, servers_processor_seconds
from bench.stage import NEXTLEAD, environment_of, own_database, servers
from service.embedded.servers import Addresses
from service.logs import configure_logs
from service.main import create_app
from service.settings import Settings

OPERATORS = 64
SALE = {"outcome": "won", "amount": "5200.00", "note": "paid by card"}
WORDS = (
    "Подойдёт ли это на мою машину? Нужно до выходных.",
    "Здравствуйте, есть ли в наличии и сколько стоит с доставкой?",
    "Перезвоните, пожалуйста, по заказу: хочу добавить ещё две позиции.",
)
CHANNELS = ("phone", "whatsapp", "site_chat", "telegram", "site_order", "vin_request", "email")

Answer = tuple[int, bytes]


@dataclass(slots=True)
class Contender:
    """Somebody in this process, what they were sent, and which claims their operators hold."""

    name: str
    app: FastAPI
    path: str
    headers: Sequence[tuple[bytes, bytes]] = ()
    held: list[dict[str, Any]] = field(default_factory=list)
    sent: int = 0


@click.command(context_settings={"show_default": True})
@click.option("--callers", default=32, type=click.IntRange(1, 500))
@click.option("--requests", default=400, help="In a round, of each kind, to each contender.")
@click.option("--rounds", default=5)
def main(callers: int, requests: int, rounds: int) -> None:
    """Measure what a request costs beside a floor."""
    configure_logs("warning")
    uvloop.run(_measure(callers, requests, rounds))


async def _measure(callers: int, requests: int, rounds: int) -> None:
    async with AsyncExitStack() as stack:
        addresses, _ = stack.enter_context(servers())
        own = await own_database(addresses, "costs")
        contenders = [await _floor(stack, own), await _service(stack, own)]
        found: dict[tuple[str, str], list[tuple[float, ...]]] = {}
        for number in range(rounds + 1):
            for work in (_take_in, _serve, _settle):
                for contender in contenders:
                    costs = await _costs(contender, work, callers, requests)
                    if number:  # the first warms up
                        found.setdefault((work.__name__, contender.name), []).append(costs)
    _show(found, callers)


def _show(found: Mapping[tuple[str, str], list[tuple[float, ...]]], callers: int) -> None:
    click.echo(f"{callers} callers at once; microseconds of processor per request, medians")
    click.echo(f"{'':20}{'Python':>8}{'Postgres':>10}{'Valkey':>8}{'floor by it':>13}")
    for (work, name), rounds in found.items():
        python, postgres, valkey = (median(column) for column in zip(*rounds, strict=True))
        below = [item[0] for item in found[work, "floor"]]
        ratio = median(one / mine[0] for one, mine in zip(below, rounds, strict=True))
        what = f"{work.strip('_'):<10}{name}"
        click.echo(f"{what:20}{python:8.0f}{postgres:10.0f}{valkey:8.0f}{ratio:13.2f}")


async def _costs(
    contender: Contender,
    work: Callable[[Contender], Awaitable[None]],
    callers: int,
    requests: int,
) -> tuple[float, ...]:
    def taken() -> tuple[float, ...]:
        others = (servers_processor_seconds(name) for name in ("postgres", "valkey"))
        return (time.process_time(), *others)

    left = iter(range(requests))

    async def ask() -> None:
        for _ in left:
            await work(contender)

    before = taken()
    await asyncio.gather(*(ask() for _ in range(callers)))
    return tuple(
        1e6 * (after - earlier) / requests for after, earlier in zip(taken(), before, strict=True)
    )


async def _take_in(contender: Contender) -> None:
    contender.sent += 1
    body = _body(f"{contender.name}-{contender.sent}")
    await _asked(contender, "/leads", body, 201)


async def _serve(contender: Contender) -> None:
    operator = random.randrange(OPERATORS)
    sent = await _asked(contender, f"/operators/operator-{operator}/next", b"", 200)
    lead = json.loads(sent)
    token = lead["token"] if "token" in lead else lead["claim"]["token"]
    contender.held.append({"id": lead["id"], "token": token})


async def _settle(contender: Contender) -> None:
    claim = contender.held.pop()
    body = json.dumps({"token": claim["token"], **SALE}).encode()
    await _asked(contender, f"/leads/{claim['id']}/settle", body, 200)


async def _asked(contender: Contender, path: str, body: bytes, wanted: int) -> bytes:
    status, sent = await request(contender.app, contender.path + path, body, contender.headers)
    if status != wanted:
        raise click.ClickException(f"{contender.name} answered {status}: {sent[:500]!r}")
    return sent


async def request(
    app: FastAPI, path: str, body: bytes, headers: Sequence[tuple[bytes, bytes]] = ()
) -> Answer:
    """Post to an application as a server would; the status and the body of its answer."""
    scope = {
        **{"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST"},
        **{"scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b""},
        **{"root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {}},
        "headers": [
            *((b"host", b"127.0.0.1"), (b"content-type", b"application/json")),
            *((b"content-length", str(len(body)).encode()), *headers),
        ],
    }
    status, parts = 0, []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return status, b"".join(parts)


def _body(signal: str) -> bytes:
    client = f"{random.randrange(10_000_000):07}"
    items = [
        {"name": "Колодки тормозные передние", "quantity": 1, "price": "2300.50"},
        {"name": "Фильтр масляный", "quantity": 2, "price": "640.50"},
    ]
    sent = {
        **{"channel": random.choice(CHANNELS), "source": "bench", "external_id": signal},
        "received_at": datetime.now(UTC).isoformat(),  # noqa: TID251  clients have a clock
        "customer": {
            **{"external_id": f"client-{client}", "name": "Иван Петров"},
            **{"phone": f"+7 900 {client}", "email": f"client{client}@example.org"},
            "messengers": {"telegram": f"id{client}"},
        },
        **{"text": random.choice(WORDS), "items": items[: random.randint(1, 2)]},
        **{"vin": "XTA21099033434343", "intent": "sale", "paid": False},
        "attributes": {"page": "/vin", "utm_source": "yandex"},
    }
    return json.dumps(sent, ensure_ascii=False).encode()


async def _floor(stack: AsyncExitStack, own: Addresses) -> Contender:
    await _execute(own, TABLE)
    os.environ["FLOOR_DATABASE_URL"] = own.database_url
    os.environ["FLOOR_REDIS_URL"] = own.redis_url
    os.environ["FLOOR_REDIS_PREFIX"] = "floor:"
    app = floor.create_app()
    await stack.enter_async_context(app.router.lifespan_context(app))
    return Contender("floor", app, "/floor")


async def _execute(own: Addresses, statement: str) -> None:
    connection = await asyncpg.connect(own.database_url)
    await connection.execute(statement)
    await connection.close()


async def _service(stack: AsyncExitStack, own: Addresses) -> Contender:
    environment = environment_of(
        NEXTLEAD_DATABASE_URL=own.database_url, NEXTLEAD_REDIS_URL=own.redis_url
    )
    await finish([NEXTLEAD, "migrate"], environment)
    scopes = [word for scope in ("intake", "operate", "supervise") for word in ("--scope", scope)]
    key = await finish([NEXTLEAD, "keys", "create", "bench", *scopes], environment)
    app = create_app(Settings(database_url=own.database_url, redis_url=own.redis_url))
    await stack.enter_async_context(app.router.lifespan_context(app))
    contender = Contender("service", app, "/v1", [(b"authorization", f"Bearer {key}".encode())])
    await _execute(
        own,
        "INSERT INTO operators (name, queues, skills, capacity, created_at, changed_at)"
        " SELECT 'operator-' || n, '{main}', '{}', 100, now(), now()"
        f" FROM generate_series(0, {OPERATORS - 1}) AS n",
    )
    return contender


if __name__ == "__main__":
    main()
