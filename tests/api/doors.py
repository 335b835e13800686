"""Short ways to knock at the HTTP door and to read what it answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from driven_clock import NOON
from fastapi import FastAPI

from service.api.problems import PREFIX, PROBLEM
from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources
from service.storage.api_keys import put_key

Newcomer = Callable[..., Awaitable[httpx.AsyncClient]]
TABLES = ("leads", "lead_events", "customers", "operators", "queues")
ROWS = f"SELECT {', '.join(f'(SELECT count(*) FROM {table}) AS {table}' for table in TABLES)}"


def secret_of(name: str, scopes: Iterable[str]) -> str:
    """What the key of that name is in the tests."""
    return f"the key of {name} for {', '.join(scopes)}"


async def a_key(resources: Resources, name: str, scopes: Iterable[str]) -> str:
    """A key in force, at once."""
    secret = secret_of(name, scopes)
    async with resources.stores.database.transaction() as connection:
        await put_key(connection, name, secret, scopes, NOON)
    resources.stores.directory.forget()
    return secret


def program(app: FastAPI, secret: str | None = None) -> httpx.AsyncClient:
    """A client of the application; what goes wrong inside is answered, not raised."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://nextlead",
        headers={"Authorization": f"Bearer {secret}"} if secret else {},
    )


@asynccontextmanager
async def opened(app: FastAPI) -> AsyncIterator[Resources]:
    """The resources of an application that runs, and whose line is in step."""
    async with app.router.lifespan_context(app):
        resources: Resources = app.state.resources
        async with asyncio.timeout(10):
            while not await keep_in_step(resources):
                pass
        yield resources


def problem_in(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """The problem document of an answer, which must be this one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == PREFIX + kind
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem


def wrong_fields(answer: httpx.Response) -> list[str]:
    """The fields that a 422 names; each has a reason and a remedy."""
    mistakes = problem_in(answer, 422, "invalid-request")["errors"]
    assert all(mistake["reason"] and mistake["remedy"] for mistake in mistakes)
    return [mistake["field"] for mistake in mistakes]


async def post_raw(client: httpx.AsyncClient, path: str, body: Any, **headers: str) -> Any:
    """Post bytes as they are, said to be JSON."""
    sent = {"Content-Type": "application/json", **headers}
    return await client.post(path, content=body, headers=sent)


async def post_lead(client: httpx.AsyncClient, **sent: Any) -> dict[str, Any]:
    """A new lead; a chat unless something else is said."""
    answer = await client.post("/v1/leads", json={"channel": "whatsapp", **sent})
    assert answer.status_code == 201, answer.text
    lead: dict[str, Any] = answer.json()
    return lead


async def take_next(client: httpx.AsyncClient, operator: str = "anna") -> dict[str, Any]:
    """The lead that the operator is given."""
    answer = await client.post(f"/v1/operators/{operator}/next")
    assert answer.status_code == 200, answer.text
    lead: dict[str, Any] = answer.json()
    return lead


async def do(client: httpx.AsyncClient, lead: dict[str, Any], verb: str, **sent: Any) -> Any:
    """Renew, release or settle a claimed lead with its token, unless another is said."""
    body = {"token": lead["claim"]["token"], **sent}
    return await client.post(f"/v1/leads/{lead['id']}/{verb}", json=body)


async def seen(client: httpx.AsyncClient, lead: dict[str, Any]) -> dict[str, Any]:
    """The lead as it is now."""
    answer = await client.get(f"/v1/leads/{lead['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def without_token(claim: dict[str, Any]) -> dict[str, Any]:
    """A claim as it is shown to whoever does not hold it."""
    return {**claim, "token": None}


async def until(holds: Callable[[], Any]) -> None:
    """Let the others go on until it holds."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  what is waited for sets no event
            await asyncio.sleep(0)


async def hang_up(waiting: "asyncio.Task[httpx.Response]") -> None:
    """Do not wait for the answer any longer."""
    waiting.cancel()
    await asyncio.wait({waiting}, timeout=10)
    assert waiting.cancelled()


async def rows(resources: Resources) -> dict[str, int]:
    """How many rows each table has."""
    (counts,) = await resources.stores.database.fetch(ROWS)
    return dict(counts)
