"""Who guesses keys costs the store next to nothing, and policies are read beside the loop."""

import asyncio
import threading
from typing import Any

import httpx
import pytest
from doors import program
from fastapi import FastAPI

from service.flows.policies import change_policy, preview_policy
from service.policies.reading import default_text, read_policy
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


async def test_a_policy_is_read_beside_the_loop(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set()

    def noted(*arguments: Any) -> Any:
        threads.add(threading.get_ident())
        return read_policy(*arguments)

    for module in (change_policy, preview_policy):
        monkeypatch.setattr(module, "read_policy", noted)
    text, headers = default_text(), {"If-Match": '"1"'}
    path = "/v1/queues/main/policy"
    await client.get(path)
    assert (await client.post(f"{path}/preview", content=text)).status_code == 200
    assert (await client.put(path, content=f"{text}\n", headers=headers)).status_code == 200
    assert threads
    assert threading.get_ident() not in threads
