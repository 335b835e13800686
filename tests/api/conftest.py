"""Programs with other keys than the one of all scopes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack

import httpx
import pytest
from driven_clock import NOON, DrivenClock
from fastapi import FastAPI

from service.resources import Resources
from service.storage.keys import SCOPES, put_key

Newcomer = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def newcomer(app: FastAPI, resources: Resources) -> AsyncIterator[Newcomer]:
    """Lets in a program with a key of some scopes."""
    async with AsyncExitStack() as stack:

        async def let_in(*scopes: str, name: str = "newcomer") -> httpx.AsyncClient:
            secret = await a_key(resources, name, scopes)
            return await stack.enter_async_context(program(app, secret))

        yield let_in


@pytest.fixture(scope="module")
async def door(app: FastAPI, clock: DrivenClock) -> AsyncIterator[httpx.AsyncClient]:
    """A program with a key of all scopes, at noon.

    Nothing is emptied for it: for modules of many tests that do not mind each other's leads.
    """
    clock.moment = NOON
    secret = await a_key(app.state.resources, "door", SCOPES)
    async with program(app, secret) as opened:
        yield opened


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A program without a key."""
    async with program(app) as opened:
        yield opened


async def a_key(resources: Resources, name: str, scopes: Iterable[str]) -> str:
    """A key in force, at once."""
    secret = f"the key of {name} for {scopes}"
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
