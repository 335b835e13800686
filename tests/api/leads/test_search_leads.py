"""Looking for leads by what somebody knows of them."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from doors import post_lead, take_next, wrong_fields
from driven_clock import NOON, DrivenClock

from service.storage.leads import lead_search

CHAT = {"channel": "whatsapp", "source": "wazzup"}
SHOP = {"channel": "site_order", "source": "shop"}


async def found(client: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await client.get("/v1/leads", params=query)
    assert answer.status_code == 200, answer.text
    return [lead["id"] for lead in answer.json()["leads"]]


async def a_lead(client: httpx.AsyncClient, **body: Any) -> str:
    lead_id: str = (await post_lead(client, **body))["id"]
    return lead_id


async def test_a_senders_own_id_finds_the_lead_that_it_opened(client: httpx.AsyncClient) -> None:
    wanted = await a_lead(client, **CHAT, external_id="m-1")
    await a_lead(client, **CHAT, external_id="m-2")
    await a_lead(client, **SHOP, external_id="m-1")
    assert await found(client, source="wazzup", external_id="m-1") == [wanted]
    assert await found(client, source="wazzup", external_id="m-3") == []
    assert len(await found(client, source="wazzup")) == 2


async def test_a_senders_own_id_finds_the_lead_that_it_joined(client: httpx.AsyncClient) -> None:
    customer = {"messengers": {"whatsapp": "79161234567"}}
    first = await a_lead(client, **CHAT, external_id="m-1", customer=customer)
    joined = await client.post(
        "/v1/leads", json={**CHAT, "external_id": "m-2", "customer": customer}
    )
    assert (joined.status_code, joined.json()["id"]) == (200, first)
    assert await found(client, source="wazzup", external_id="m-2") == [first]


@pytest.mark.parametrize("written", ["+7 916 123-45-67", "8 (916) 1234567", "89161234567"])
async def test_a_number_is_found_however_it_is_written(
    client: httpx.AsyncClient, written: str
) -> None:
    wanted = await a_lead(client, **CHAT, customer={"phone": "+79161234567"})
    await a_lead(client, **CHAT, customer={"phone": "+79161234568"})
    assert await found(client, phone=written) == [wanted]
    assert await found(client, phone=written, queue="main") == [wanted]
    assert await found(client, phone="nobody") == []


async def test_who_holds_and_who_settled(client: httpx.AsyncClient) -> None:
    held = await a_lead(client, **CHAT)
    await take_next(client)
    await a_lead(client, **CHAT)
    assert await found(client, operator="anna") == [held]
    assert await found(client, operator="boris") == []


async def test_channel_kind_and_customer_narrow_each_other(client: httpx.AsyncClient) -> None:
    chat = await a_lead(client, **CHAT, customer={"external_id": "c-1"})
    order = await a_lead(client, **SHOP, customer={"external_id": "c-2"})
    assert await found(client, channel="site_order") == [order]
    assert await found(client, customer="c-1") == [chat]
    assert await found(client, customer="c-1", channel="site_order") == []


async def test_time_of_creation(client: httpx.AsyncClient, clock: DrivenClock) -> None:
    early = await a_lead(client, **CHAT)
    clock.pass_by(hours=2)
    late = await a_lead(client, **SHOP)
    at = (NOON + timedelta(hours=1)).isoformat()
    assert await found(client, since=at) == [late]
    assert await found(client, until=at) == [early]


async def test_words_are_found_within_a_queue_and_a_month(client: httpx.AsyncClient) -> None:
    wanted = await a_lead(client, **CHAT, text="Нужны 100% оригинальные колодки")
    await a_lead(client, **SHOP, text="Нужны колодки")
    here = {"queue": "main", "since": (NOON - timedelta(days=1)).isoformat()}
    assert await found(client, text="100%", **here) == [wanted]
    assert await found(client, text="КОЛОДКИ", **here) != []
    assert await found(client, text="дрова", **here) == []


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"external_id": "m-1"}, ["source"]),
        ({"text": "колодки"}, ["queue", "since"]),
        (
            {
                "text": "колодки",
                "queue": "main",
                "since": "2026-01-01T00:00:00Z",
                "until": "2026-03-01T00:00:00Z",
            },
            ["until"],
        ),
        ({"sate": "waiting"}, ["sate"]),
        ({"since": "yesterday"}, ["since"]),
    ],
)
async def test_a_query_that_cannot_be_answered_names_the_field(
    client: httpx.AsyncClient, query: dict[str, str], fields: list[str]
) -> None:
    assert wrong_fields(await client.get("/v1/leads", params=query)) == fields


async def test_what_no_index_answers_is_looked_for_in_windows(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_search, "LOOKED_THROUGH", 2)
    wanted = await a_lead(client, **SHOP)
    for _ in range(3):
        await a_lead(client, **CHAT)
    seen, cursor = [], None
    for _ in range(5):
        query = {"channel": "site_order", **({"cursor": cursor} if cursor else {})}
        page = (await client.get("/v1/leads", params=query)).json()
        seen += [lead["id"] for lead in page["leads"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == [wanted]
    assert cursor is None
