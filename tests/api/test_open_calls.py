"""What anybody may ask is counted by address; a flood of it is refused."""

import httpx
import pytest
from doors import problem_in
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from service.api.first_look import FirstLook
from service.connections.admission import Admission
from service.connections.forwarded import ForwardedClient
from service.resources import Resources

OPEN = ["/healthz", "/readyz", "/", "/signin/link/x"]


@pytest.fixture
def narrow(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of them from an address, and no more: this clock stands still."""
    monkeypatch.setattr(
        resources.open_admission.__class__, "spend", Admission(3, now=lambda: 0.0).spend
    )


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.usefixtures("narrow")
async def test_open_calls_have_a_rate(stranger: httpx.AsyncClient, path: str) -> None:
    answers = [await stranger.get(path) for _ in range(4)]
    assert all(answer.status_code != 429 for answer in answers[:3])
    problem_in(answers[3], 429, "too-many-unproven")
    assert answers[3].headers["retry-after"] == "1"
    assert answers[3].headers["ratelimit-policy"].startswith('"open";q=')


@pytest.mark.usefixtures("narrow")
async def test_another_address_and_a_valid_key_are_not_counted(
    app: FastAPI, client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    for _ in range(4):
        await stranger.get("/healthz")
    assert (await client.get("/v1/queues")).status_code == 200
    elsewhere = httpx.ASGITransport(app, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://nextlead") as other:
        assert (await other.get("/healthz")).status_code == 200


@pytest.mark.usefixtures("narrow")
async def test_a_proxy_asks_freely_for_itself_but_not_for_others(app: FastAPI) -> None:
    proxy = "10.0.0.1"
    looked = ForwardedClient(FirstLook(PlainTextResponse("fine"), app, proxy), proxy)
    behind = httpx.ASGITransport(looked, client=(proxy, 1))
    async with httpx.AsyncClient(transport=behind, base_url="http://nextlead") as passing:
        for _ in range(4):
            assert (await passing.get("/healthz")).status_code == 200
        both = {"Forwarded": "for=203.0.113.9", "X-Forwarded-For": "198.51.100.7"}
        for headers in (both, {"X-Forwarded-For": "unknown"}, {"Forwarded": "proto=https"}):
            assert (await passing.get("/healthz", headers=headers)).status_code == 200
        refused = await passing.get("/healthz", headers=both)
        problem_in(refused, 429, "too-many-unproven")
