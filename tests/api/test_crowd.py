"""A process that is full: lists go first, then strangers, and never what the shop works with."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from doors import Newcomer, do, post_lead, problem_in, take_next, until
from fastapi import FastAPI
from webhook_stories import a_chat, all_read, deliver, put_source

from service.connections.crowd import LISTS_UP_TO, STRANGERS_UP_TO
from service.resources import Resources

MAPPED_CALLS = {
    **{"adapter": "mapping", "options": {"shipped": "megafon"}},
    "secrets": {"secret": "a secret of the tests"},
}


@contextmanager
def crowd_of(resources: Resources, count: int) -> Iterator[None]:
    """So many requests are under way, besides those of the test."""
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(resources.crowd.entered())
        yield


def lists_in(app: FastAPI) -> list[tuple[str, str]]:
    """Every call that shows much: those for dashboards, and those that are dear."""
    found = [
        (method, re.sub(r"\{[a-z_]+\}", "main", path))
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
        if operation.get("x-scope") == "read" or "x-at-once" in operation
    ]
    assert len(found) > 10
    return found


async def test_while_there_is_room_everybody_is_answered(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    with crowd_of(resources, LISTS_UP_TO - 1):
        assert (await client.get("/v1/leads")).status_code == 200


async def test_lists_go_first(
    client: httpx.AsyncClient, app: FastAPI, resources: Resources
) -> None:
    with crowd_of(resources, LISTS_UP_TO + 1):
        for method, path in lists_in(app):
            answer = await client.request(method, path)
            problem_in(answer, 503, "overloaded")
            assert answer.headers["retry-after"] == "1", path
        await put_source(client, "shop")
        assert (await deliver(client, a_chat(), to="/webhooks/tawk/shop")).status_code == 200
    assert resources.crowd.present == 0
    await all_read(resources)


async def test_then_strangers_go_and_who_proved_themselves_stays(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await put_source(client, "shop")
    resources.crowd._proven.clear()  # by other tests
    with crowd_of(resources, STRANGERS_UP_TO):
        refused = await deliver(client, a_chat(), to="/webhooks/tawk/shop")
        problem_in(refused, 503, "overloaded")
        assert refused.headers["retry-after"] == "1"
    assert (await deliver(client, a_chat(), to="/webhooks/tawk/shop")).status_code == 200
    with crowd_of(resources, STRANGERS_UP_TO):
        again = await deliver(client, a_chat("another"), to="/webhooks/tawk/shop")
        assert again.status_code == 200
    await all_read(resources)


async def test_what_the_shop_works_with_never_goes(
    client: httpx.AsyncClient, newcomer: Newcomer, resources: Resources
) -> None:
    site = await newcomer("intake", name="site")
    with crowd_of(resources, 10 * STRANGERS_UP_TO):
        await post_lead(site)
        lead = await take_next(client)
        assert (await do(client, lead, "renew")).status_code == 200
        status = {"status": "online"}
        answer = await client.put("/v1/operators/anna/presence", json=status)
        assert answer.status_code == 200
        call = await post_lead(site, channel="phone", customer={"phone": "+79161234567"})
        news = {"event": "hung_up"}
        assert (await client.post(f"/v1/leads/{call['id']}/call", json=news)).is_success
        end = {"outcome": "won", "amount": "10", "note": "x"}
        assert (await do(client, lead, "settle", **end)).status_code == 200


@pytest.mark.parametrize(
    "source",
    [
        {"adapter": "mango", "secrets": {"vpbx_api_key": "k", "salt": "s"}},
        {"adapter": "zadarma", "secrets": {"secret": "s"}},
        MAPPED_CALLS,
    ],
    ids=["mango", "zadarma", "mapped"],
)
async def test_telephony_is_listened_to_in_any_crowd(
    client: httpx.AsyncClient, resources: Resources, source: dict[str, Any]
) -> None:
    made = await put_source(client, "calls", **source)
    with crowd_of(resources, 10 * STRANGERS_UP_TO):
        answer = await deliver(client, b"x", to=made["address"].removeprefix("http://nextlead"))
    assert answer.status_code != 503, answer.text
    await all_read(resources)


async def test_who_waits_for_a_lead_is_no_crowd(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    waiting = asyncio.create_task(client.post("/v1/operators/anna/next?wait=60"))
    await until(lambda: len(resources.arrivals._waiters) == 1)
    assert resources.crowd.present == 0
    await post_lead(client)
    assert (await waiting).status_code == 200
