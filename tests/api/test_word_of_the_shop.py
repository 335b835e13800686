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
