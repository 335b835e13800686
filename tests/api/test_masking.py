"""A key without `personal` sees no telephone number and no word of a client, on any route."""

import json
from typing import Any

import httpx
import pytest
from doors import Newcomer

from service.leads.masking import without_marks

PHONE, MAIL, CHAT = "+79161234567", "irina@sokolova.ru", "987654321"
CLIENT = {
    **{"external_id": "c-77", "name": "Ирина Соколова", "phone": PHONE, "email": MAIL},
    "messengers": {"telegram": CHAT},
}
WORDS = ("9161234567", "916 123", "sokolova", "987654321", "Соколова", "абракадабр", "XTA21")
TEXT = "абракадабр, звоните +7 903 765-43-21, VIN XTA210990Y2766441"
ROUTES = (
    "/v1/leads",
    "/v1/leads/{id}",
    "/v1/leads/{id}/events",
    "/v1/leads/{id}/explanation",
    "/v1/leads/{id}/signals",
    "/v1/leads/export",
    "/v1/leads/export?format=csv",
    "/v1/customers/c-77",
    "/v1/customers?number=c-77",
    "/v1/customers/marks/block",
    "/v1/queues/main/late",
    "/v1/queues/main/events",
    "/v1/queues/main/stats",
)


@pytest.fixture
async def lead(client: httpx.AsyncClient) -> dict[str, Any]:
    """A lead of which much was said, claimed and noted."""
    sent = {"channel": "telegram", "text": TEXT, "customer": CLIENT, "vin": "XTA210990Y2766441"}
    more = {"attributes": {"utm": "абракадабр"}}
    first = (await client.post("/v1/leads", json={**sent, **more})).json()
    await client.post("/v1/leads", json={"channel": "telegram", "text": TEXT, "customer": CLIENT})
    note = {"note": "перезвонить абракадабр +7 916 123-45-67"}
    await client.post(f"/v1/leads/{first['id']}/notes", json=note)
    await client.patch(f"/v1/leads/{first['id']}", json={"text": "новое абракадабр"})
    await client.post("/v1/operators/anna/next")
    await client.put("/v1/customers/c-77", json={"notes": [_note()], "cars": ["XTA210990Y2766441"]})
    await client.post("/v1/customers/marks/block", json={"mark": PHONE, "reason": "x"})
    found: dict[str, Any] = first
    return found


def _note() -> dict[str, str]:
    return {"author": "anna", "at": "2026-06-10T09:00:00Z", "text": "любит абракадабр"}


async def test_read_alone_sees_no_client(
    client: httpx.AsyncClient, newcomer: Newcomer, lead: dict[str, Any]
) -> None:
    reader = await newcomer("read")
    seen = await newcomer("read", "personal", name="seen")
    told = set()
    for route in ROUTES:
        path = route.format(id=lead["id"])
        answer, whole = await reader.get(path), await seen.get(path)
        assert answer.status_code == whole.status_code == 200, route
        assert [word for word in WORDS if word in answer.text] == [], (route, answer.text)
        told |= {word for word in WORDS if word in whole.text}
        if answer.headers["content-type"] == "application/json":
            assert _shape(answer.json()) == _shape(whole.json()) or route.endswith("events")
    assert told == {*WORDS} - {"916 123"} | ({"916 123"} & told)


def _shape(value: Any) -> Any:
    """The names of an answer: who may not see what stands there sees that something does."""
    return sorted(value) if isinstance(value, dict) else None


async def test_what_is_masked_says_that_it_is_there(newcomer: Newcomer, lead: Any) -> None:
    reader = await newcomer("read")
    shown = (await reader.get(f"/v1/leads/{lead['id']}")).json()
    assert shown["customer"]["phone"] == "•••67"
    assert shown["customer"]["name"] == "И•••"
    assert shown["customer"]["messengers"] == {"telegram": "•••"}
    assert shown["customer"]["external_id"] == "c-77"
    assert (shown["text"], shown["vin"]) == ("•••", "•••")
    assert shown["kind"] == "chat"


async def test_supervising_and_administering_alone_show_no_client(
    newcomer: Newcomer, lead: dict[str, Any]
) -> None:
    head = await newcomer("supervise", "admin", "read")
    answer = await head.post(f"/v1/leads/{lead['id']}/pin", json={"reason": "now"})
    assert answer.status_code == 200
    assert [word for word in WORDS if word in answer.text] == []


async def test_a_policy_is_sent_back_as_it_was_read(newcomer: Newcomer) -> None:
    head = await newcomer("read", "admin")  # `channels` has `phone` and `email`
    answer = await head.get("/v1/queues/main/policy")
    assert "•" not in answer.text
    sent = await head.put(
        "/v1/queues/main/policy",
        json=answer.json()["policy"],
        headers={"If-Match": answer.headers["etag"]},
    )
    assert sent.status_code == 200


async def test_who_serves_sees_whom(newcomer: Newcomer, lead: dict[str, Any]) -> None:
    operator = await newcomer("operate", "read")
    held = await operator.get("/v1/operators/anna/leads")
    assert PHONE in held.text
    assert "абракадабр" in held.text
    # what the same key only reads is masked
    assert PHONE not in (await operator.get(f"/v1/leads/{lead['id']}")).text


async def test_who_sends_and_reads_sees_what_they_sent(newcomer: Newcomer, lead: Any) -> None:
    sender = await newcomer("intake", "read")
    sent = {"channel": "telegram", "text": "своё", "customer": {"messengers": {"telegram": CHAT}}}
    answer = await sender.post("/v1/leads", json=sent)
    assert answer.headers["nextlead-signal"] == "joined"
    assert "своё" in answer.text
    assert "абракадабр" not in answer.text
    assert "Соколова" not in answer.text


async def test_a_request_with_the_scope_is_whole_after_one_without(
    newcomer: Newcomer, client: httpx.AsyncClient, lead: dict[str, Any]
) -> None:
    reader = await newcomer("read")
    for _ in range(2):
        await reader.get(f"/v1/leads/{lead['id']}")
        assert PHONE in (await client.get(f"/v1/leads/{lead['id']}")).text


def test_words_lose_numbers_and_addresses_and_nothing_else() -> None:
    words = "call 8 (916) 123-45-67 or a.b@c.ru: order 12345, at 15:30 on 2026-06-10"
    left = without_marks(words)
    assert left.startswith("call ••• or •••")
    assert "order 12345, at 15:30" in left
    assert json.dumps(left)
