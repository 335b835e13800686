"""Who guesses keys costs the store next to nothing, and policies are read beside the loop."""

import asyncio
from typing import Any

import httpx
import pytest
from doors import program
from fastapi import FastAPI

from service.resources import Resources
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
