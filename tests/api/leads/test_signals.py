"""Joining and splitting over HTTP, and what a key that may not read is shown of it."""

from typing import Any

import httpx
from doors import a_key, post_lead, problem_in, program, wrong_fields
from fastapi import FastAPI

from service.api.leads.explanation_answers import LeadWithClientOut
from service.api.leads.lead_answers import LeadOut
from service.resources import Resources

PHONE = {"phone": "+79001234567"}
CHAT = {"channel": "whatsapp", "customer": PHONE, "text": "тайна: VIN XTAGFK330JY144213"}
CALL = {"channel": "phone", "customer": {"phone": "8 900 123 45 67"}, "external_id": "call-1"}


async def signals_of(client: httpx.AsyncClient, lead: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/leads/{lead['id']}/signals")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["signals"]
    return found


async def test_the_answer_says_what_a_signal_did(client: httpx.AsyncClient) -> None:
    sent = [await client.post("/v1/leads", json=item) for item in (CHAT, CALL, CALL)]
    assert [item.status_code for item in sent] == [201, 200, 200]
    assert [item.headers["Nextlead-Signal"] for item in sent] == ["opened", "joined", "repeated"]
    assert len({item.json()["id"] for item in sent}) == 1
    assert sent[-1].json()["kind"] == "phone"


async def test_a_lead_shows_its_signals_and_the_evidence_of_each(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client, **CHAT)
    assert await signals_of(client, lead) == []
    await client.post("/v1/leads", json=CALL)
    first, second = await signals_of(client, lead)
    assert (first["opened"], first["evidence"], first["text"]) == (True, [], CHAT["text"])
    assert (second["opened"], second["evidence"]) == (False, ["phone:+79001234567"])
    assert (second["channel"], second["external_id"]) == ("phone", "call-1")


async def test_a_wrong_join_is_undone(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client, **CHAT)
    await client.post("/v1/leads", json=CALL)
    _, second = await signals_of(client, lead)
    body = {"signals": [second["id"]], "reason": "his wife called"}
    answer = await client.post(f"/v1/leads/{lead['id']}/split", json=body)
    assert answer.status_code == 200
    both = answer.json()
    assert (both["lead"]["id"], both["lead"]["kind"]) == (lead["id"], "chat")
    assert (both["other"]["kind"], both["other"]["split_from"]) == ("phone", lead["id"])
    assert (both["lead"]["score"], both["lead"]["stage"]) == (lead["score"], lead["stage"])
    again = await client.post(f"/v1/leads/{lead['id']}/split", json=body)
    assert wrong_fields(again) == ["signals"]


async def test_nothing_is_split_off_a_lead_that_is_not_there(client: httpx.AsyncClient) -> None:
    nobody = "/v1/leads/01a20148-90e6-75c5-8bbc-7e54d393ab15"
    body = {"signals": ["01a20148-90e6-75c5-8bbc-7e54d393ab16"], "reason": "why"}
    problem_in(await client.post(f"{nobody}/split", json=body), 404, "lead-not-found")
    problem_in(await client.get(f"{nobody}/signals"), 404, "lead-not-found")
    lead = await post_lead(client, **CHAT)
    path = f"/v1/leads/{lead['id']}/split"
    assert wrong_fields(await client.post(path, json=body)) == ["signals"]
    assert wrong_fields(await client.post(path, json={**body, "signals": []})) == ["signals"]
    assert wrong_fields(await client.post(path, json={"signals": body["signals"]})) == ["reason"]


async def test_a_key_that_may_not_read_sees_only_what_it_told_of_a_lead_that_it_joined(
    client: httpx.AsyncClient, app: FastAPI, resources: Resources
) -> None:
    opened = await post_lead(client, **CHAT, vin="XTAGFK330JY144213")
    telephony = program(app, await a_key(resources, "telephony", ["intake"]))
    async with telephony:
        called = await telephony.post("/v1/leads", json=CALL)
        path = f"/v1/leads/{opened['id']}"
        hung_up = await telephony.post(f"{path}/call", json={"event": "hung_up"})
        changed = await telephony.patch(path, json={"urgency": 0.9})
    for answer in (called, hung_up, changed):
        assert answer.status_code == 200, answer.text
        assert answer.json()["id"] == opened["id"]
        assert "тайна" not in answer.text
        assert "XTAGFK330JY144213" not in answer.text
    assert called.json()["customer"]["phone"] == CALL["customer"]["phone"]
    assert (await client.get(path)).json()["text"] == CHAT["text"]


async def test_who_opened_a_lead_is_shown_nothing_that_others_told_of_it_since(
    client: httpx.AsyncClient, app: FastAPI, resources: Resources
) -> None:
    secret = {"name": "Ольга", "phone": PHONE["phone"], "email": "secret@example.ru"}
    order = {"channel": "site_order", "external_id": "order-7", "customer": PHONE, "text": "своё"}
    shop = program(app, await a_key(resources, "shop", ["intake"]))
    async with shop:
        opened = await shop.post("/v1/leads", json=order)
        path = f"/v1/leads/{opened.json()['id']}"
        alone = await shop.patch(path, json={"urgency": 0.9})
        assert (alone.json()["text"], alone.json()["urgency"]) == ("своё", 0.9)
        chat = {**CHAT, "customer": secret, "external_id": "secret-chat", "budget": 77}
        assert (await client.post("/v1/leads", json=chat)).status_code == 200
        shown = [
            await shop.post("/v1/leads", json=order),
            await shop.post(f"{path}/call", json={"event": "hung_up"}),
            await shop.patch(path, json={"vin": "XTAGFK330JY144213"}),
        ]
        withdrawn = {"outcome": "cancelled", "reason": "secret reason"}
        assert (await client.post(f"{path}/withdraw", json=withdrawn)).status_code == 200
        shown.append(await shop.post("/v1/leads", json=order))
    for answer in shown:
        assert answer.status_code == 200, answer.text
        assert "тайна" not in answer.text
        assert "secret" not in answer.text
        sent = answer.json()
        assert (sent["text"], sent["customer"]["phone"]) == ("своё", PHONE["phone"])
        assert (sent["external_id"], sent["urgency"], sent["budget"]) == ("order-7", 0.9, None)
    assert shown[-1].json()["vin"] == "XTAGFK330JY144213"
    assert shown[-1].json()["state"] == "settled"


async def test_a_key_that_may_not_read_learns_of_a_place_nothing_that_others_told(
    client: httpx.AsyncClient, app: FastAPI, resources: Resources
) -> None:
    order = {"channel": "site_order", "external_id": "order-7", "customer": PHONE, "text": "своё"}
    shop = program(app, await a_key(resources, "shop", ["intake"]))
    async with shop:
        opened = await shop.post("/v1/leads", json=order)
        path = f"/v1/leads/{opened.json()['id']}"
        reported = {"budget": 77777, "vin": "XTAGFK330JY144213"}
        everything = await client.post("/v1/leads", json={**CHAT, **reported})
        again = await shop.post("/v1/leads", json=order)
        changed = await shop.patch(path, json={"urgency": 0.9})
    assert "budget" in opened.json()["explanation"]
    assert "77777" in everything.text
    place = again.json()["explanation"]
    assert place == {
        "kind": everything.json()["kind"],
        "score": everything.json()["score"],
        "stage": {"value": everything.json()["stage"]},
        "rank": everything.json()["explanation"]["rank"],
        "policy_version": 1,
        "next_steps": place["next_steps"],
    }
    assert place["next_steps"]
    assert all({*step} == {"at", "stage", "score"} for step in place["next_steps"])
    assert [item.json()["cost_per_minute"] for item in (again, changed)] == [None, None]
    LeadWithClientOut.model_validate_json(again.content)
    LeadOut.model_validate_json(changed.content)
