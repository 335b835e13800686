"""Programs with other keys than the one of all scopes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
from doors import Newcomer, a_key, program, secret_of
from driven_clock import NOON, DrivenClock
from fastapi import FastAPI
from shop import Shop

from service.resources import Resources
from service.storage.api_keys import SCOPES


@pytest.fixture
async def newcomer(app: FastAPI, resources: Resources) -> AsyncIterator[Newcomer]:
    """Lets in a program with a key of some scopes."""
    async with AsyncExitStack() as stack:

        async def let_in(*scopes: str, name: str = "newcomer") -> httpx.AsyncClient:
            secret = await a_key(resources, name, scopes)
            return await stack.enter_async_context(program(app, secret))

        yield let_in


@pytest.fixture
async def door(app: FastAPI, clock: DrivenClock) -> AsyncIterator[httpx.AsyncClient]:
    """A program with a key of all scopes, at noon.

    Nothing is emptied for it: for the many tests that do not mind each other's leads.
    """
    clock.moment, resources = NOON, app.state.resources
    secret = secret_of("door", SCOPES)
    if await resources.stores.directory.key(secret, resources.clock.now()) is None:
        await a_key(resources, "door", SCOPES)
    async with program(app, secret) as opened:
        yield opened


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A program without a key."""
    async with program(app) as opened:
        yield opened


@pytest.fixture
async def shop(client: httpx.AsyncClient, clock: DrivenClock, resources: Resources) -> Shop:
    """A shop over HTTP at noon, with anna and boris on shift."""
    opened = Shop(client, clock, resources)
    opened.on_duty = {"anna", "boris"}
    await opened.everybody_is_there()
    return opened
