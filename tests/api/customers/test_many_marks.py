"""Marks of any number stay bounded; upkeep reads cards again."""

import asyncio
from typing import Any

import httpx
import pytest
from doors import post_lead, seen
from driven_clock import NOON
from test_recognised import PHONE, a_card

from service.flows.upkeep.keep_in_step import keep_in_step
from service.matching.marks import Mark
from service.resources import Resources
from service.storage.customers.customers import locked_card
from service.storage.customers.marks import learn_marks
from service.storage.leads.identities import MAX_LEADS

SHARERS = "SELECT count(*) AS leads FROM lead_identities WHERE identity = $1"
UNREAD = "SELECT count(*) AS cards FROM customers WHERE marks_read_at IS NULL"


async def joins(client: httpx.AsyncClient, **sent: Any) -> str:
    """The id of the lead that a further signal joined."""
    answer = await client.post("/v1/leads", json={"channel": "whatsapp", **sent})
    assert answer.status_code == 200, answer.text
    lead_id: str = answer.json()["id"]
    return lead_id


async def test_a_card_has_two_hundred_marks_at_most(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await a_card(client, phone=None, email=None, messengers=None)
    marks = [Mark("messenger:vk", str(number), 1) for number in range(250)]
    async with resources.stores.database.transaction() as connection:
        await locked_card(connection, "c-1")
        learnt = await learn_marks(connection, "c-1", marks, NOON)
    assert len(learnt) < 200
    known = (await client.get("/v1/customers/c-1")).json()["marks"]
    assert len(known) == 200  # its own number is one of them
    known_one, stranger = [
        await post_lead(client, channel="vk", customer={"messengers": {"vk": number}})
        for number in ("0", "249")
    ]
    assert known_one["customer"]["external_id"] == "c-1"
    assert stranger["customer"]["external_id"] is None
    # one more is no mistake of who sends it: the signal is the client's all the same
    more = {"external_id": "c-1", "messengers": {"max": "1"}}
    assert await joins(client, channel="max", customer=more) == known_one["id"]
    assert len((await client.get("/v1/customers/c-1")).json()["marks"]) == 200


async def test_hundreds_of_signals_of_one_client_are_one_lead(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client, customer={"phone": PHONE}, text="слово 0")
    for number in range(1, 100):
        sent = {"customer": {"phone": PHONE}, "text": f"слово {number} " + "я" * 200}
        assert await joins(client, **sent) == lead["id"]
    whole = await seen(client, lead)
    assert len(whole["text"]) <= 8000
    assert whole["text"].startswith("слово 0")


async def test_a_queue_of_a_new_region_has_the_cards_read_again(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await client.put("/v1/customers/c-1", json={"phone": "0151 23456789"})
    places: dict[str, Any] = {"policy": "empty", "currency": "EUR", "time_zone": "Europe/Berlin"}
    await client.put("/v1/queues/another", json={"policy": "auto_parts"})
    assert [row["cards"] for row in await resources.stores.database.fetch(UNREAD)] == [0]
    made = await client.put("/v1/queues/berlin", json={**places, "region": "DE"})
    assert made.status_code == 201, made.text
    await keep_in_step(resources)
    assert [row["cards"] for row in await resources.stores.database.fetch(UNREAD)] == [0]
    call = {"channel": "phone", "queue": "berlin", "customer": {"phone": "+4915123456789"}}
    assert (await post_lead(client, **call))["customer"]["external_id"] == "c-1"


@pytest.mark.more
@pytest.mark.parametrize("evidence", ["phone", "email"])
async def test_a_mark_of_thousands_of_leads_costs_no_more_than_that_of_twenty(
    client: httpx.AsyncClient, resources: Resources, evidence: str
) -> None:
    """Each is another client by a surer mark; nobody is lost, and the mark is nobody's at last."""
    value = PHONE if evidence == "phone" else "office@firm.example"
    shared = {evidence: value}
    sure = (
        (lambda number: {"messengers": {"telegram": f"{number}"}})
        if evidence == "phone"
        else (lambda number: {"phone": f"+7914{number:07d}"})
    )

    async def post(number: int) -> dict[str, Any]:
        return await post_lead(client, customer={**shared, **sure(number)}, text="фара")

    first = [await post(number) for number in range(5)]
    rest = []
    for start in range(5, 2005, 50):
        rest += await asyncio.gather(*(post(number) for number in range(start, start + 50)))
    assert len({lead["id"] for lead in (*first, *rest)}) == 2005
    assert max(len(lead["possibly_same"]) for lead in (*first, *rest)) <= MAX_LEADS
    queues = await resources.stores.bases.of("main")
    assert any(mark.startswith(f"{evidence}:") for mark in queues.nobodys)
    assert rest[-1]["possibly_same"] == []
    rows = await resources.stores.database.fetch(SHARERS, f"{evidence}:{value}")
    assert rows[0]["leads"] <= MAX_LEADS
