"""Subscriptions over HTTP: made, looked at, tried out, rotated; what did not arrive is replayed."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from doors import Newcomer, post_lead, problem_in, take_next, wrong_fields
from driven_clock import DrivenClock
from fastapi import FastAPI
from flows.events.event_stories import reported, send_all, verify
from jsonschema import Draft202012Validator
from outgoing.receiver import Answer, Receiver, receiving
from sqlalchemy import text

from service.outgoing.guarded_client import open_guarded_client
from service.resources import Resources
from service.sealing import Sealer

HOOKS = "https://crm.example.com/hooks/a-secret-path?token=t"
WANTED = {"url": HOOKS, "types": ["lead.*", "message.due"]}
CRM = "/v1/subscriptions/crm"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def shop(app: FastAPI, resources: Resources) -> AsyncIterator[Resources]:
    """The application may reach this very machine."""
    async with open_guarded_client(private=True) as outside:
        app.state.resources = replace(resources, outside=outside)
        yield app.state.resources
    app.state.resources = resources


async def put(client: httpx.AsyncClient, **sent: Any) -> dict[str, Any]:
    answer = await client.put(CRM, json={**WANTED, **sent})
    assert answer.status_code in (200, 201), answer.text
    body: dict[str, Any] = answer.json()
    return body


async def dead_letters(client: httpx.AsyncClient, shop: Resources, clock: DrivenClock) -> list[Any]:
    """What is given up after a day of trying."""
    for _ in range(90):
        await send_all(shop)
        clock.pass_by(minutes=20)
    found: list[Any] = (await client.get(f"{CRM}/deliveries")).json()["deliveries"]
    return found


async def test_a_new_subscription_is_told_its_secret_once(client: httpx.AsyncClient) -> None:
    made = await client.put(CRM, json=WANTED)
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    again = await client.put(CRM, json={**WANTED, "types": ["lead.late"]})
    assert (again.status_code, again.json()["secret"]) == (200, None)
    assert again.json()["types"] == ["lead.late"]
    for path in (CRM, "/v1/subscriptions"):
        assert secret not in (await client.get(path)).text


async def test_a_subscription_is_shown_as_it_stands(client: httpx.AsyncClient) -> None:
    await put(client, queue="main")
    assert (await client.get(CRM)).json() == {
        **{"name": "crm", "url": HOOKS, "types": ["lead.*", "message.due"], "queue": "main"},
        **{"active": True, "disabled_for": None, "paused_until": None, "both_sign_until": None},
        **{"pending": 0, "dead": 0, "personal": False},
        **dict.fromkeys(("last_success_at", "last_failure_at", "last_failure")),
        **dict.fromkeys(("created_at", "changed_at"), "2026-06-10T09:00:00Z"),
    }
    listed = (await client.get("/v1/subscriptions")).json()["subscriptions"]
    assert [item["name"] for item in listed] == ["crm"]


async def test_who_may_only_read_does_not_see_what_follows_the_host(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    await put(client)
    reader = await newcomer("read")
    listed = (await reader.get("/v1/subscriptions")).json()["subscriptions"]
    for shown in ((await reader.get(CRM)).json(), *listed):
        assert shown["url"] == "https://crm.example.com/…"


async def test_a_secret_is_kept_sealed(client: httpx.AsyncClient, resources: Resources) -> None:
    secret = (await put(client))["secret"]
    async with resources.stores.database.transaction() as connection:
        row = (await connection.execute(text("SELECT * FROM subscriptions"))).mappings().one()
    assert secret.encode() not in row["secret"]
    assert base64.b64decode(secret.removeprefix("whsec_")) not in row["secret"]
    assert resources.sealer.open(row["secret"]) == secret


async def test_without_a_key_to_seal_with_nobody_can_subscribe(
    client: httpx.AsyncClient, app: FastAPI, resources: Resources
) -> None:
    app.state.resources = replace(resources, sealer=Sealer([]))
    answer = await client.put(CRM, json=WANTED)
    app.state.resources = resources
    problem_in(answer, 409, "secret-key-missing")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"url": "http://crm.example.com/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://2130706433/"}, "url"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "url"),
        ({"url": "https://user:word@crm.example.com/"}, "url"),
        ({"url": "crm"}, "url"),
        ({"types": []}, "types"),
        ({"types": ["lead.*"] * 51}, "types"),
        ({"types": ["Lead.Received"]}, "types.0"),
        ({"types": ["*.*"]}, "types.0"),
        ({"queue": "nowhere"}, "queue"),
        ({"active": "yes"}, "active"),
        ({"secret": "whsec_mine"}, "secret"),
    ],
)
async def test_what_is_wrong_is_named(
    client: httpx.AsyncClient, sent: dict[str, Any], field: str
) -> None:
    assert wrong_fields(await client.put(CRM, json={**WANTED, **sent})) == [field]
    problem_in(await client.get(CRM), 404, "subscription-not-found")


async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    for method, path in (
        *(("GET", ""), ("DELETE", ""), ("POST", "/rotate"), ("POST", "/test"), ("POST", "/replay")),
        *(("GET", "/deliveries"), ("POST", "/deliveries/1/replay")),
    ):
        answer = await client.request(method, f"{CRM}{path}")
        problem_in(answer, 404, "subscription-not-found")
    await put(client)
    answer = await client.post(f"{CRM}/deliveries/1/replay")
    problem_in(answer, 404, "delivery-not-found")


async def test_there_are_fifty_at_most(client: httpx.AsyncClient) -> None:
    for number in range(50):
        assert (await client.put(f"{CRM}{number}", json=WANTED)).status_code == 201
    assert wrong_fields(await client.put(CRM, json=WANTED)) == ["subscription"]
    assert (await client.put(f"{CRM}7", json=WANTED)).status_code == 200
    await client.delete(f"{CRM}7")
    assert (await client.put(CRM, json=WANTED)).status_code == 201


async def test_a_test_event_is_sent_at_once_and_signed(
    client: httpx.AsyncClient, shop: Resources, receiver: Receiver, clock: DrivenClock
) -> None:
    clock.moment = await shop.stores.database.now()
    secret = (await put(client, url=receiver.url, active=False))["secret"]
    tested = await client.post(f"{CRM}/test")
    assert tested.json() == {"delivered": True, "status": 200, "error": None}
    assert [item["type"] for item in reported(receiver)] == ["subscription.test"]
    verify(secret, receiver)
    receiver.says(302)
    tested = await client.post(f"{CRM}/test")
    assert tested.json() == {"delivered": False, "status": 302, "error": "It answered 302."}


async def test_a_test_of_a_name_that_leads_into_the_private_network_says_so(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    await put(client, url=f"https://localhost:{receiver.port}/")
    tested = (await client.post(f"{CRM}/test")).json()
    assert (tested["delivered"], tested["status"]) == (False, None)
    assert "private network" in tested["error"]
    assert receiver.connections == 0


async def test_what_is_sent_has_the_documented_shape(
    client: httpx.AsyncClient, app: FastAPI, shop: Resources, receiver: Receiver
) -> None:
    await put(client, url=receiver.url, types=["*"])
    lead = await post_lead(client, external_id="m-1")
    await take_next(client)
    await change_policy_of_main(client)
    await send_all(shop)
    await client.post(f"{CRM}/test")
    assert {item["type"] for item in reported(receiver)} == {
        *("lead.received", "lead.claimed", "policy.changed", "subscription.test"),
    }
    event = app.openapi()["webhooks"]["event"]["post"]
    schema = event["requestBody"]["content"]["application/json"]["schema"]
    shape = Draft202012Validator({**schema, "components": app.openapi()["components"]})
    for message, request in zip(reported(receiver), receiver.requests, strict=True):
        shape.validate(message)
        needed = {item["name"] for item in event["parameters"] if item["required"]}
        assert needed <= set(request.headers)
    of_lead = [item for item in reported(receiver) if item["type"].startswith("lead.")]
    assert {item["data"]["lead_id"] for item in of_lead} == {lead["id"]}
    assert not shape.is_valid({"type": "lead.received", "data": {"id": "1"}})


async def change_policy_of_main(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/v1/queues/main/policy")).json()["policy"]
    changed = {**policy, "lease_seconds": 60}
    path = "/v1/queues/main/policy"
    answer = await client.put(path, json=changed, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text


async def test_after_a_rotation_both_secrets_sign(
    client: httpx.AsyncClient, shop: Resources, receiver: Receiver, clock: DrivenClock
) -> None:
    clock.moment = await shop.stores.database.now()
    old = (await put(client, url=receiver.url))["secret"]
    rotated = (await client.post(f"{CRM}/rotate")).json()
    assert rotated["both_sign_until"] is not None
    await client.post(f"{CRM}/test")
    verify(old, receiver)
    verify(rotated["secret"], receiver)


async def test_what_was_given_up_is_seen_and_sent_anew(
    client: httpx.AsyncClient, shop: Resources, receiver: Receiver, clock: DrivenClock
) -> None:
    await put(client, url=receiver.url, types=["lead.received"])
    leads = [await post_lead(client, external_id=str(number)) for number in range(3)]
    receiver.answers = lambda _: Answer(500)
    dead = await dead_letters(client, shop, clock)
    assert [item["lead_id"] for item in dead] == [lead["id"] for lead in reversed(leads)]
    assert {(item["state"], item["attempts"], item["last_status"]) for item in dead} == {
        ("dead", 10, 500)
    }
    ranking = (await client.get(CRM)).json()
    assert (ranking["pending"], ranking["dead"]) == (0, 3)
    page = (await client.get(f"{CRM}/deliveries?limit=2")).json()
    rest = await client.get(f"{CRM}/deliveries", params={"cursor": page["next"]})
    assert page["deliveries"] + rest.json()["deliveries"] == dead

    receiver.says()
    receiver.requests.clear()
    one = (await client.post(f"{CRM}/deliveries/{dead[0]['id']}/replay")).json()
    assert (one["state"], one["attempts"]) == ("pending", 0)
    assert (await client.post(f"{CRM}/replay")).json() == {"deliveries": 2}
    await send_all(shop)
    ids = [request.headers["webhook-id"] for request in receiver.requests]
    assert sorted(ids) == sorted(item["event"] for item in dead)
    delivered = (await client.get(f"{CRM}/deliveries?state=delivered")).json()["deliveries"]
    assert len(delivered) == 3


async def test_a_subscription_that_was_deleted_is_told_nothing_more(
    client: httpx.AsyncClient, shop: Resources, receiver: Receiver
) -> None:
    await put(client, url=receiver.url)
    await post_lead(client)
    assert (await client.delete(CRM)).status_code == 204
    await send_all(shop)
    problem_in(await client.get(CRM), 404, "subscription-not-found")
    assert receiver.requests == []
