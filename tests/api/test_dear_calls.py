"""Dear calls: two at once of one sort by one key; others do not notice."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from doors import Newcomer, problem_in, until
from fastapi import FastAPI

from service.connections.dear_calls import AT_ONCE, WAITING, Crowded, DearCalls
from service.resources import Resources


@pytest.fixture
def impatient(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> DearCalls:
    """Calls that find no room are refused at once."""
    monkeypatch.setattr(resources.dear_calls, "_wait_seconds", 0)
    return resources.dear_calls


class OpenFile:
    """A file that is sent as long as nobody ends it."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def lines(self) -> AsyncIterator[bytes]:
        yield b'{"channel":"email"}\n'
        await self.ended.wait()


async def test_a_third_import_of_a_key_is_refused_and_others_are_not(
    client: httpx.AsyncClient, newcomer: Newcomer, impatient: DearCalls
) -> None:
    file, wanted = OpenFile(), {"format": "ndjson"}
    send = [client.post("/v1/leads/import", content=file.lines(), params=wanted) for _ in range(2)]
    under_way = [asyncio.create_task(call) for call in send]
    await until(lambda: sum(lane.present for lane in impatient._lanes.values()) == AT_ONCE)
    refused = await client.post("/v1/leads/import", content=b"", params=wanted)
    problem_in(refused, 429, "too-many-at-once")
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["ratelimit-policy"] == '"import";q=2;qu="concurrent-requests"'
    assert refused.headers["ratelimit"] == '"import";r=0;t=1'
    assert (await client.get("/v1/leads")).status_code == 200
    assert (await client.get("/v1/leads/export")).status_code == 200
    another = await newcomer("intake", name="another")
    answer = await another.post("/v1/leads/import", content=b"", params=wanted)
    assert answer.status_code == 200
    file.ended.set()
    assert {(await task).status_code for task in under_way} == {200}
    assert (await client.post("/v1/leads/import", content=b"", params=wanted)).status_code == 200
    assert impatient._lanes == {}


async def test_a_dear_call_that_fails_gives_its_place_away(
    client: httpx.AsyncClient, impatient: DearCalls
) -> None:
    for _ in range(AT_ONCE + 1):
        assert (await client.get("/v1/leads", params={"limit": 0})).status_code == 422
        answer = await client.post("/v1/queues/main/policy/preview", content=b"x: [")
        assert answer.status_code == 422
    assert impatient._lanes == {}


async def test_every_dear_route_says_so(app: FastAPI) -> None:
    dear = {
        f"{method.upper()} {path}": operation["x-at-once"]
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
        if "x-at-once" in operation
    }
    assert dear == {
        "GET /v1/leads": "lists",
        "GET /v1/queues/{queue}/late": "lists",
        "GET /v1/customers": "lists",
        "POST /v1/customers/find": "lists",
        "GET /v1/deliveries": "lists",
        "POST /v1/leads/bulk": "bulk",
        "POST /v1/leads/import": "import",
        "GET /v1/leads/export": "export",
        "POST /v1/queues/{queue}/policy/preview": "preview",
    }


async def test_a_few_wait_for_their_turn_and_more_are_refused_at_once(
    app: FastAPI, resources: Resources
) -> None:
    calls, key = DearCalls(), (await resources.stores.directory._keys.value()).popitem()[1].id
    held = [await calls.enter("lists", key) for _ in range(AT_ONCE)]
    waiting = [asyncio.create_task(calls.enter("lists", key)) for _ in range(WAITING)]
    await until(lambda: calls._lanes["lists", key].present == AT_ONCE + WAITING)
    with pytest.raises(Crowded):
        await calls.enter("lists", key)
    held[0]()
    (await waiting[0])()
    held[1]()
    for task in waiting[1:]:
        (await task)()
    assert calls._lanes == {}
