"""Our own format from a sender's request to the lead, through the door."""

import httpx
import orjson
from webhook_stories import all_read, delivered, leads, put_source
from webhooks.deliveries import payload
from webhooks.signing import SECRET
from webhooks.signing import signed as signed_delivery

from service.resources import Resources

DOOR = "/webhooks/standard/site"


async def put_site(client: httpx.AsyncClient, secret: str = SECRET) -> None:
    await put_source(client, "site", adapter="standard", secrets={"secret": secret})


async def post(client: httpx.AsyncClient, name: str, message_id: str, **more: str) -> int:
    """Post a recorded event; the status of the answer."""
    delivery = signed_delivery(payload(f"standard/{name}.json"), message_id=message_id, **more)
    answer = await client.post(DOOR, content=delivery.body, headers=dict(delivery.headers))
    return answer.status_code


async def test_a_signed_event_becomes_a_lead_and_again_the_same_one(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await put_site(client)
    assert [await post(client, "request", "msg_1") for _ in range(3)] == [200, 200, 200]
    await all_read(resources)
    assert await post(client, "request", "msg_2") == 200  # of the same external_id
    await all_read(resources)
    (lead,) = await leads(client)
    assert (lead["source"], lead["external_id"]) == ("site", "vin-20417")
    assert lead["text"].startswith("Нужны передние тормозные колодки")
    assert len(await delivered(client)) == 2


async def test_an_order_that_was_changed_is_one_lead(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await put_site(client)
    for name in ("order", "order_changed"):
        assert await post(client, name, f"msg_{name}") == 200
        await all_read(resources)
    (lead,) = await leads(client)
    assert (lead["budget"], lead["paid"]) == ("3450.50", True)


async def test_cloud_events_come_after_their_handshake(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await put_site(client)
    origin = {"WebHook-Request-Origin": "shop.example", "WebHook-Request-Rate": "120"}
    allowed = await client.options(DOOR, headers=origin)
    assert allowed.status_code == 200
    assert allowed.headers["webhook-allowed-origin"] == "*"
    batch = "application/cloudevents-batch+json"
    assert await post(client, "cloud_batch", "msg_1", media_type=batch) == 200
    await all_read(resources)
    assert {lead["external_id"] for lead in await leads(client)} == {"/shop/chat 1", "call:77"}


async def test_an_event_that_is_wrong_is_answered_and_kept_with_what_is_wrong(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await put_site(client)
    event = orjson.loads(payload("standard/request.json"))
    event["data"] |= {"channel": "pigeon", "queue": "main"}
    delivery = signed_delivery(orjson.dumps(event))
    answer = await client.post(DOOR, content=delivery.body, headers=dict(delivery.headers))
    assert answer.status_code == 200
    await all_read(resources)
    (stored,) = await delivered(client, state="quarantined")
    assert "data.channel: " in stored["reason"]
    assert "pigeon" not in stored["reason"]
    assert await leads(client) == []


async def test_a_secret_that_cannot_sign_is_refused_when_it_is_given(
    client: httpx.AsyncClient,
) -> None:
    sent = {"adapter": "standard", "queue": "main", "secrets": {"secret": "whsec_"}}
    answer = await client.put("/v1/sources/site", json=sent)
    assert answer.status_code == 422
    assert [item["field"] for item in answer.json()["errors"]] == ["secrets.secret"]
