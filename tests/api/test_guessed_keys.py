"""Who guesses keys costs the store next to nothing, and policies are read beside the loop."""

import asyncio
from typing import Any

import httpx
import pytest
from doors import program
from fastapi import FastAPI

from service.resources import Resources
from service.storage.api_keys import put_key
from service.storage.operators import directory

GUESSES = 30


async def test_guesses_read_the_keys_a_few_times_at_most_and_valid_keys_open_meanwhile(
    app: FastAPI,
    resources: Resources,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read, all_keys = [], directory.all_keys

    async def counted(*arguments: Any) -> Any:
        read.append(1)
        return await all_keys(*arguments)

    monkeypatch.setattr(directory, "all_keys", counted)
    monkeypatch.setattr(directory, "SECONDS", 3600.0)
    monkeypatch.setattr(directory, "MISS_SECONDS", 3600.0)
    resources.stores.directory.forget()
    async with program(app, "nl_guessed") as guesser:
        for _ in range(GUESSES):  # one after the other: those at once share a reading anyway
            both = await asyncio.gather(guesser.get("/v1/queues"), client.get("/v1/queues"))
            assert [answer.status_code for answer in both] == [401, 200]
    assert len(read) <= 2


async def test_a_valid_key_does_not_wait_while_the_keys_are_read_for_a_guess(
    app: FastAPI,
    resources: Resources,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, goes_on, all_keys = asyncio.Event(), asyncio.Event(), directory.all_keys

    async def held_up(*arguments: Any) -> Any:
        begun.set()
        await goes_on.wait()
        return await all_keys(*arguments)

    monkeypatch.setattr(directory, "SECONDS", 3600.0)
    monkeypatch.setattr(directory, "MISS_SECONDS", -1.0)
    monkeypatch.setattr(resources.stores.directory._keys, "_seconds", 3600.0)
    resources.stores.directory.forget()
    assert (await client.get("/v1/queues")).status_code == 200
    monkeypatch.setattr(directory, "all_keys", held_up)
    async with program(app, "nl_guessed") as guesser:
        guess = asyncio.create_task(guesser.get("/v1/queues"))
        await asyncio.wait_for(begun.wait(), 10)
        good = await asyncio.wait_for(client.get("/v1/queues"), 10)
        assert good.status_code == 200
        assert not guess.done()
        goes_on.set()
        assert (await guess).status_code == 401


async def test_a_key_that_was_just_made_opens_although_the_keys_were_read_before(
    app: FastAPI, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MISS_SECONDS", -1.0)
    await resources.stores.directory.key("nl_unknown", resources.clock.now())
    async with resources.stores.database.transaction() as connection:  # by another process
        await put_key(connection, "elsewhere", "nl_new", ("read",), resources.clock.now())
    async with program(app, "nl_new") as newcomer:
        assert (await newcomer.get("/v1/queues")).status_code == 200
