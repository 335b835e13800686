"""Clients are recognised by their own marks, whichever way they come (A24)."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from doors import post_lead, problem_in, seen, take_next

from service.leads.errors import LineUnavailable
from service.queue.line import Line
from service.resources import Resources

PHONE = "+79001112233"
CARD: dict[str, Any] = {
    "phone": "8 900 111-22-33",
    "email": "Irina@example.ru",
    "messengers": {"telegram": "111", "whatsapp": "79001112233"},
}
WAYS = {
    "call": {"channel": "phone", "customer": {"phone": PHONE}},
    "telegram": {"channel": "telegram", "customer": {"messengers": {"telegram": "111"}}},
    "whatsapp": {"channel": "whatsapp", "customer": {"messengers": {"whatsapp": "79001112233"}}},
    "mail": {"channel": "email", "customer": {"email": "irina@EXAMPLE.ru"}},
    "form": {"channel": "landing_form", "customer": {"name": "И.", "phone": "8(900)1112233"}},
}
LONG_AGO, LATER = "2026-06-01T09:00:00Z", "2026-06-20T09:00:00Z"
ORDER = {"number": "7", "operator": "boris", "opened_at": LONG_AGO}
TASK = {
    **{"external_id": "t", "campaign": "other", "operator": "boris"},
    **{"opened_at": LONG_AGO, "expires_at": LATER},
}
TALK = {"operator": "boris", "at": "2026-06-09T09:00:00Z"}


async def employ(client: httpx.AsyncClient, name: str, skills: Sequence[str] = ()) -> None:
    sent = {"queues": ["main"], "skills": list(skills), "capacity": 5}
    assert (await client.put(f"/v1/operators/{name}", json=sent)).status_code in (200, 201)
    presence = {"status": "online"}
    assert (await client.put(f"/v1/operators/{name}/presence", json=presence)).is_success


async def a_card(client: httpx.AsyncClient, number: str = "c-1", **sent: Any) -> dict[str, Any]:
    answer = await client.put(f"/v1/customers/{number}", json={**CARD, **sent})
    assert answer.status_code in (200, 201), answer.text
    card: dict[str, Any] = answer.json()
    return card


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("known", "rule"),
    [({"orders": [ORDER]}, "B2"), ({"tasks": [TASK]}, "B14"), ({"contacts": [TALK]}, "A9")],
)
async def test_whose_client_it_is_is_found_by_their_own_marks(
    client: httpx.AsyncClient, resources: Resources, way: str, known: dict[str, Any], rule: str
) -> None:
    await employ(client, "boris")
    await a_card(client, **known)
    lead = await post_lead(client, **WAYS[way])
    assert lead["customer"]["external_id"] == "c-1"
    assert lead["customer"]["recognised"]["cards"] == ["c-1"]
    assert lead["explanation"]["routing"]["owner"] == "boris"
    assert lead["explanation"]["routing"]["owner_rule"] == rule
    served = await take_next(client, "boris")
    assert (served["id"], served["client"]["external_id"]) == (lead["id"], "c-1")


@pytest.mark.parametrize("way", WAYS)
async def test_a_super_vip_is_never_seen_by_others_also_while_redis_is_away(
    client: httpx.AsyncClient,
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    async def away(*_: Any, **__: Any) -> Any:
        raise LineUnavailable("Redis is away.")

    for name in ("show", "show_all", "claim"):
        monkeypatch.setattr(Line, name, away)
    await employ(client, "anna")
    await employ(client, "vera", skills=["super_vip"])
    await a_card(client, **{"class": "super_vip"})
    lead = await post_lead(client, **WAYS[way])
    rows = await resources.stores.database.fetch("SELECT lane, version FROM leads")
    assert [(row["lane"], row["version"]) for row in rows] == [("super_vip", 1)]  # from the first
    assert (await client.post("/v1/operators/anna/next")).status_code == 204
    assert (await take_next(client, "vera"))["id"] == lead["id"]


async def test_a_number_in_words_is_mentioned_and_recognises_nobody(
    client: httpx.AsyncClient,
) -> None:
    await a_card(client, orders=[ORDER])
    words = f"перезвоните маме на {PHONE} или напишите на irina@example.ru"
    lead = await post_lead(client, channel="site_chat", text=words)
    assert lead["customer"]["external_id"] is None
    assert lead["customer"]["mentioned"] == [
        {"phone": PHONE, "from": "text"},
        {"email": "irina@example.ru", "from": "text"},
    ]
    other = await post_lead(client, channel="vk", text=words, customer={"messengers": {"vk": "5"}})
    assert other["id"] != lead["id"]


async def test_what_differs_keeps_apart_and_is_shown_to_both(client: httpx.AsyncClient) -> None:
    office = "office@firm.ru"
    first = await post_lead(client, customer={"email": office, "phone": "+79001110001"})
    second = await post_lead(client, customer={"email": office, "phone": "+79001110002"})
    assert second["possibly_same"] == [{"lead": first["id"], "evidence": [f"email:{office}"]}]
    shown = await seen(client, first)
    assert shown["possibly_same"] == [{"lead": second["id"], "evidence": [f"email:{office}"]}]
    events = await client.get(f"/v1/leads/{first['id']}/events")
    assert "client.possibly_same" in events.text
    third = {"messengers": {"telegram": "9"}, "phone": "+79001110003"}
    telegram = await post_lead(client, channel="telegram", customer=third)
    again = {"messengers": {"telegram": "9"}, "phone": "+79001110004"}
    answer = await client.post("/v1/leads", json={"channel": "telegram", "customer": again})
    assert answer.json()["id"] == telegram["id"]
    assert answer.json()["customer"]["phones"] == ["+79001110004"]


async def test_what_too_many_share_recognises_nobody(client: httpx.AsyncClient) -> None:
    leads = [
        await post_lead(client, customer={"email": "all@firm.ru", "phone": f"+7900111000{number}"})
        for number in range(5)
    ]
    assert [len(lead["possibly_same"]) for lead in leads] == [0, 1, 2, 3, 0]
    alone = await post_lead(client, customer={"email": "all@firm.ru"})
    assert alone["id"] not in {lead["id"] for lead in leads}


async def test_a_mark_on_two_cards_shows_both_and_the_order_decides(
    client: httpx.AsyncClient,
) -> None:
    await employ(client, "boris")
    for number in ("a-1", "a-2"):
        await client.put(f"/v1/customers/{number}", json={"phone": PHONE})
    lead = await post_lead(client, **WAYS["call"])
    assert lead["customer"]["external_id"] is None
    assert lead["customer"]["recognised"] == {
        "by": ["phone"],
        "cards": ["a-1", "a-2"],
        "rule": "B2",
    }
    assert lead["explanation"]["routing"]["owner"] is None
    await client.put("/v1/customers/a-2", json={"orders": [ORDER]})
    form = {"channel": "landing_form", "customer": {"phone": PHONE}}
    other = (await client.post("/v1/leads", json=form)).json()
    assert other["customer"]["external_id"] == "a-2"
    assert other["id"] == lead["id"]


async def test_a_nickname_that_was_merged_stays_merged(client: httpx.AsyncClient) -> None:
    await employ(client, "anna")
    await client.put("/v1/customers/c-7", json={"phone": PHONE, "orders": []})
    nickname = {"channel": "telegram", "customer": {"messengers": {"telegram": "777"}}}
    lead = await post_lead(client, **nickname)
    assert lead["customer"]["external_id"] is None
    taken = await take_next(client)
    told = {"customer": {"phone": "8 900 111-22-33", "name": "Ольга"}}
    answer = await client.patch(f"/v1/leads/{lead['id']}", json=told)
    assert answer.status_code == 200, answer.text
    assert answer.json()["customer"]["external_id"] == "c-7"
    assert answer.json()["customer"]["name"] == "Ольга"
    card = (await client.get("/v1/customers/c-7")).json()
    assert {"mark": "messenger:telegram:777", "strength": 1} in card["marks"]
    await client.put("/v1/customers/c-7", json={"messengers": None, "phone": None})
    held = await seen(client, lead)
    ended = {
        "token": taken["claim"]["token"],
        "outcome": "lost",
        "reason": "x",
        "note": "y",
    }
    settled = await client.post(f"/v1/leads/{held['id']}/settle", json=ended)
    assert settled.status_code == 200, settled.text
    again = await post_lead(client, **nickname)
    assert (
        again["customer"]["external_id"] == "c-7"
    )  # the shop's word does not touch what we learnt


async def test_only_who_holds_a_lead_says_who_it_is_without_intake(
    client: httpx.AsyncClient, newcomer: Any
) -> None:
    await employ(client, "anna")
    lead = await post_lead(client)
    operator = await newcomer("operate")
    told = {"customer": {"phone": PHONE}}
    refused = await operator.patch(f"/v1/leads/{lead['id']}", json=told)
    problem_in(refused, 403, "scope-missing")
    await take_next(client)
    done = await operator.patch(f"/v1/leads/{lead['id']}", json=told)
    assert done.status_code == 200, done.text
    more = await operator.patch(f"/v1/leads/{lead['id']}", json={**told, "budget": "5"})
    problem_in(more, 403, "scope-missing")


async def test_a_key_that_may_not_read_is_not_told_whose_number_it_is(
    client: httpx.AsyncClient, newcomer: Any
) -> None:
    await employ(client, "boris")
    await a_card(client, orders=[ORDER])
    site = await newcomer("intake")
    answer = await site.post("/v1/leads", json=WAYS["form"])
    assert answer.status_code == 201
    assert "c-1" not in answer.text
    assert "boris" not in answer.text
