"""The calls that go past FastAPI are answered as it answers them."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from doors import do, post_lead, problem_in, take_next
from fastapi import FastAPI

from service.api import hot_door
from service.api.hot_door import CALLS, HotDoor
from service.flows.claims import settle_claim as settling

LEAD = "/v1/leads/01970000-0000-7000-8000-000000000000"
NEXT, PRESENCE = "/v1/operators/anna/next", "/v1/operators/anna/presence"
TOKEN = b'{"token": "x"}'
JSON = {"Content-Type": "application/json"}
SETTLE = f"{LEAD}/settle"

# What is wrong with a request, in every part of it.
WRONG: tuple[tuple[str, str, bytes, Mapping[str, str]], ...] = (
    ("POST", SETTLE, b"", JSON),
    ("POST", SETTLE, b"{", JSON),
    ("POST", SETTLE, b"[]", JSON),
    ("POST", SETTLE, b'"x"', JSON),
    ("POST", SETTLE, b"null", JSON),
    ("POST", SETTLE, b"[" * 40, JSON),
    ("POST", SETTLE, b'{"outcome": "sold", "amount": "x", "vin": 1}', JSON),
    ("POST", SETTLE, b'{"token": "x", "outcome": "won"}', JSON),
    ("POST", SETTLE, b'{"token": "\\u0000", "outcome": "won"}', JSON),
    ("POST", SETTLE, TOKEN, {"Content-Type": "text/plain"}),
    ("POST", SETTLE, b" " * 300_000, JSON),
    ("POST", f"{SETTLE}?now=1", TOKEN, JSON),
    ("POST", "/v1/leads/1/settle", TOKEN, JSON),
    ("POST", f"{SETTLE}/", TOKEN, JSON),
    ("GET", SETTLE, b"", {}),
    ("DELETE", NEXT, b"", {}),
    *(("POST", f"{LEAD}/{verb}", b"{}", JSON) for verb in ("park", "renew", "release")),
    *(("POST", f"{LEAD}/{verb}", TOKEN, JSON) for verb in ("park", "renew", "release")),
    ("PUT", PRESENCE, b'{"status": "asleep"}', JSON),
    ("PUT", "/v1/operators/nobody/presence", b'{"status": "online"}', JSON),
    ("PUT", "/v1/operators/%D0%B0%D0%BD%D1%8F/presence", b'{"status": "online"}', JSON),
    ("POST", "/v1/operators/nobody/next", b"", {}),
    ("POST", "/v1/operators//next", b"", {}),
    ("POST", "/v1/operators/a%00b/next", b"", {}),
    ("POST", f"{NEXT}?wait=long", b"", {}),
    ("POST", f"{NEXT}?later=1", b"", {}),
    ("POST", "/v1/leads", b'{"channel": "smoke"}', JSON),
    ("POST", "/v1/leads", b"", {"Authorization": "Bearer nobody's"}),
    ("POST", SETTLE, TOKEN, {"Authorization": "Basic x"}),
)


def without_id(answer: httpx.Response) -> tuple[int, Any, dict[str, str]]:
    """An answer but for its request's own id."""
    body = answer.json() if answer.content else None
    if isinstance(body, dict):
        body.pop("request_id", None)
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, body, headers


@pytest.mark.parametrize(("method", "path", "body", "headers"), WRONG)
async def test_what_is_wrong_is_answered_in_the_same_words(
    door: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
) -> None:
    past = await door.request(method, path, content=body, headers=headers)
    monkeypatch.setattr(hot_door, "CALLS", {})
    through = await door.request(method, path, content=body, headers=headers)
    assert past.status_code >= 400
    assert without_id(past) == without_id(through)


async def test_what_is_right_is_answered_the_same(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = []
    for calls in (CALLS, {}):
        monkeypatch.setattr(hot_door, "CALLS", calls)
        await post_lead(client)
        lead = await take_next(client)
        renewed = await do(client, lead, "renew")
        parked = await do(client, lead, "park", until="2026-06-10T15:00:00Z", note="later")
        await post_lead(client)
        released = await do(client, await take_next(client), "release", reason="tea")
        sold = {"outcome": "won", "amount": "5", "note": "paid"}
        settled = await do(client, await take_next(client), "settle", **sold)
        there = await client.put("/v1/operators/anna/presence", json={"status": "online"})
        answers.append([renewed, parked, released, settled, there])
    for past, through in zip(*answers, strict=True):
        assert past.status_code == 200, past.text
        assert past.json().keys() == through.json().keys()
        assert past.headers.keys() == through.headers.keys()


@pytest.mark.parametrize("call", CALLS, ids=lambda call: str(call[-1]))
async def test_hot_calls_go_past_the_application(
    app: FastAPI, call: tuple[str, int, str, str]
) -> None:
    """Without a key: who it is, is asked here, too."""

    async def application(*_: object) -> None:
        raise AssertionError("it was not to be asked")

    method, parts, first, last = call
    named = {"leads": LEAD, "operators": "/v1/operators/anna"}[first]
    path = f"{named}/{last}" if parts == 5 else "/v1/leads"
    transport = httpx.ASGITransport(HotDoor(application, app))
    async with httpx.AsyncClient(transport=transport, base_url="http://nextlead") as past:
        problem_in(await past.request(method, path), 401, "unauthenticated")


async def test_an_error_that_nobody_foresaw_says_nothing(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(settling, "end_claim", breaks)
    await post_lead(client)
    refused = await do(client, await take_next(client), "settle", outcome="spam")
    assert "secret" not in refused.text
    problem_in(refused, 500, "internal")
