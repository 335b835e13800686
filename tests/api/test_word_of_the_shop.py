"""Payments, orders, tasks, classes and blocks are the word of the shop: the scope `crm`."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from doors import Newcomer, post_lead, problem_in, seen
from driven_clock import NOON

PHONE = "+79161234567"
ORDER = {"number": "1", "opened_at": "2026-06-09T09:00:00Z"}
TASK = {
    **{"external_id": "t", "campaign": "other", "operator": "anna"},
    **{"opened_at": "2026-06-09T09:00:00Z", "expires_at": "2026-06-19T09:00:00Z"},
}
OF_SHOP: list[dict[str, Any]] = [
    {"class": "super_vip"},
    {"class": None},
    {"blocked_since": "2026-06-01"},
    {"call_on": "2026-06-12"},
    {"orders": [ORDER]},
    {"orders": []},
    {"tasks": [TASK]},
]


async def test_who_knows_a_clients_number_does_not_mark_their_lead_paid(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    lead = await post_lead(client, customer={"phone": PHONE}, source="shop", external_id="o-1")
    site = await newcomer("intake", name="site")
    joined = await site.post("/v1/leads", json={"channel": "email", "customer": {"phone": PHONE}})
    assert joined.json()["id"] == lead["id"]
    for sent in ({"paid": True}, {"paid": False}, {"paid": True, "text": "x"}):
        answer = await site.patch(f"/v1/leads/{lead['id']}", json=sent)
        assert "`paid`" in problem_in(answer, 403, "scope-missing")["detail"]
    paid = {"channel": "email", "customer": {"phone": PHONE}, "paid": True}
    problem_in(await site.post("/v1/leads", json=paid), 403, "scope-missing")
    assert (await seen(client, lead))["paid"] is False
    crm = await newcomer("intake", "crm", name="crm")
    assert (await crm.post("/v1/leads", json=paid)).status_code == 200


@pytest.mark.parametrize("sent", OF_SHOP)
async def test_a_senders_key_writes_nothing_on_a_card_that_is_the_shops_to_say(
    client: httpx.AsyncClient, newcomer: Newcomer, sent: dict[str, Any]
) -> None:
    before = await client.put("/v1/customers/c-1", json={"class": "vip", "name": "Irina"})
    site = await newcomer("intake", name="site")
    (field,) = sent
    answer = await site.put("/v1/customers/c-1", json=sent)
    assert f"`{field}`" in problem_in(answer, 403, "scope-missing")["detail"]
    customer = {"external_id": "c-1", "context": sent}
    answer = await site.post("/v1/leads", json={"channel": "email", "customer": customer})
    problem_in(answer, 403, "scope-missing")
    assert (await client.get("/v1/customers/c-1")).json()["class"] == before.json()["class"]
    crm = await newcomer("intake", "crm", name="crm")
    assert (await crm.put("/v1/customers/c-1", json=sent)).status_code == 200


async def test_who_a_client_is_stays_a_senders_word(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    site = await newcomer("intake", name="site")
    sent = {"name": "Irina", "phone": PHONE, "cars": ["Priora"]}
    assert (await site.put("/v1/customers/c-1", json=sent)).status_code == 201


async def test_lines_of_a_file_are_held_to_the_same(newcomer: Newcomer) -> None:
    site = await newcomer("intake", name="site")
    until = (NOON + timedelta(days=1)).isoformat()
    task = f'{{"campaign":"other","operator":"anna","expires_at":"{until}"}}'
    lines = (
        '{"channel":"email"}\n{"channel":"email","paid":true}\n'
        f'{{"channel":"crm_task","task":{task}}}\n'
    )
    done = await site.post("/v1/leads/import", content=lines, params={"format": "ndjson"})
    assert (done.json()["created"], done.json()["failed"]) == (1, 2)
    assert all("`crm`" in mistake["reason"] for mistake in done.json()["errors"])


KNOWN = {
    **{"name": "Irina", "phone": PHONE, "email": "irina@example.org", "cars": ["Priora"]},
    **{"messengers": {"telegram": "111"}, "bought_before": True},
}
OTHERS: list[dict[str, Any]] = [
    {"name": "Somebody"},
    {"name": None},
    {"phone": "+79169999999"},
    {"email": "else@example.org"},
    {"messengers": {"telegram": "222"}},
    {"messengers": None},
    {"cars": ["Vesta"]},
    {"bought_before": False},
]


@pytest.mark.parametrize("sent", OTHERS)
async def test_a_senders_key_replaces_nothing_on_the_card_of_a_known_client(
    client: httpx.AsyncClient, newcomer: Newcomer, sent: dict[str, Any]
) -> None:
    await client.put("/v1/customers/c-1", json=KNOWN)
    before = (await client.get("/v1/customers/c-1")).json()
    site = await newcomer("intake", name="site")
    (field,) = sent
    answer = await site.put("/v1/customers/c-1", json=sent)
    assert f"`{field}`" in problem_in(answer, 403, "scope-missing")["detail"]
    assert (await client.get("/v1/customers/c-1")).json() == before
    crm = await newcomer("intake", "crm", name="crm")
    assert (await crm.put("/v1/customers/c-1", json=sent)).status_code == 200
    assert (await client.get("/v1/customers/c-1")).json() != before


async def test_a_senders_key_says_again_what_is_known_and_adds_what_is_not(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    await client.put("/v1/customers/c-1", json=KNOWN)
    site = await newcomer("intake", name="site")
    sent = {
        **{"name": "Irina", "phone": "8 (916) 123-45-67", "email": "Irina@Example.org"},
        **{"messengers": {"telegram": "111", "vk": "5"}, "cars": ["Vesta", "Priora"]},
    }
    assert (await site.put("/v1/customers/c-1", json=sent)).status_code == 200
    now = (await client.get("/v1/customers/c-1")).json()
    assert (now["messengers"], now["cars"]) == ({"telegram": "111", "vk": "5"}, sent["cars"])


@pytest.mark.parametrize("joins", [False, True], ids=["opens", "joins"])
async def test_a_lead_of_a_senders_key_fills_a_card_and_replaces_nothing(
    client: httpx.AsyncClient, newcomer: Newcomer, *, joins: bool
) -> None:
    known = {name: KNOWN[name] for name in ("name", "phone", "cars", "messengers")}
    await client.put("/v1/customers/c-1", json=known)
    if joins:
        await post_lead(client, customer={"external_id": "c-1"})
    customer = {
        **{"external_id": "c-1", "name": "Somebody", "phone": "+79169999999"},
        **{"email": "new@example.org", "messengers": {"telegram": "222", "vk": "5"}},
        "context": {"cars": ["Vesta"]},
    }
    site = await newcomer("intake", name="site")
    sent = {"channel": "email", "customer": customer}
    assert (await site.post("/v1/leads", json=sent)).status_code == (200 if joins else 201)
    now = (await client.get("/v1/customers/c-1")).json()
    assert {name: now[name] for name in ("name", "phone", "cars")} == {
        name: known[name] for name in ("name", "phone", "cars")
    }
    assert now["email"] == "new@example.org"
    assert now["messengers"] == {"telegram": "111", "vk": "5"}
    crm = await newcomer("intake", "crm", name="crm")
    assert (await crm.post("/v1/leads", json=sent)).status_code == 200
    now = (await client.get("/v1/customers/c-1")).json()
    assert (now["name"], now["phone"], now["cars"]) == ("Somebody", "+79169999999", ["Vesta"])


HUGE: list[dict[str, Any]] = [
    {"budget": "999999999"},
    {"items": [{"name": "wheel", "quantity": 9, "price": "999999999"}]},
]


@pytest.mark.parametrize("sent", HUGE, ids=["stated", "items"])
async def test_a_budget_that_a_sender_states_counts_as_so_many_usual_bills_at_most(
    client: httpx.AsyncClient, newcomer: Newcomer, sent: dict[str, Any]
) -> None:
    site, crm = await newcomer("intake", name="site"), await newcomer("intake", "crm", name="crm")
    lead = {"channel": "walk_in", **sent}
    made = (await site.post("/v1/leads", json=lead)).json()
    budget = made["explanation"]["budget"]
    assert budget["value"] == f"{20 * 9000:.2f}"
    assert budget["source"].endswith("at most 20 usual bills")
    assert [made["budget"], made["items"]] != [None, []]  # as it was stated
    whole = (await crm.post("/v1/leads", json=lead)).json()["explanation"]["budget"]
    assert float(whole["value"]) >= 999999999


async def test_a_stated_budget_stays_limited_until_the_shop_says_it(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    site = await newcomer("intake", name="site")
    crm = await newcomer("intake", "crm", "read", name="crm")
    customer = {"phone": PHONE}
    made = await post_lead(site, customer=customer, budget="1000")
    of_lead = f"/v1/leads/{made['id']}"

    async def counted() -> str:
        found = (await client.get(f"{of_lead}/explanation")).json()["budget"]["value"]
        return str(found)

    assert await counted() == "1000.00"
    await site.patch(of_lead, json={"budget": "5000000"})
    assert await counted() == "140000.00"
    await client.patch(of_lead, json={"urgency": 0.9})  # ranked again
    assert await counted() == "140000.00"
    await crm.patch(of_lead, json={"budget": "5000000"})
    assert await counted() == "5000000.00"
    again = {"channel": "whatsapp", "customer": customer, "budget": "7000000"}
    assert (await site.post("/v1/leads", json=again)).status_code == 200
    assert await counted() == "140000.00"


async def test_articles_that_a_sender_adds_are_limited_by_themselves(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    site = await newcomer("intake", name="site")
    customer = {"phone": PHONE}
    order = [{"name": "engine", "quantity": 1, "price": "400000"}]
    made = await post_lead(client, customer=customer, items=order)
    more = {"channel": "whatsapp", "customer": customer, "items": [{**order[0], "quantity": 999}]}
    assert (await site.post("/v1/leads", json=more)).status_code == 200
    found = (await client.get(f"/v1/leads/{made['id']}/explanation")).json()["budget"]
    assert found["value"] == f"{400000 + 140000:.2f}"
