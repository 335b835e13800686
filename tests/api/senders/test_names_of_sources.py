"""A source's name is its own: what others send in it is refused, and swallows nothing."""

import httpx
from doors import Newcomer, wrong_fields
from webhook_stories import a_chat, all_read, deliver, delivered, leads, put_source

from service.resources import Resources


async def test_a_key_cannot_speak_in_the_name_of_a_source(client: httpx.AsyncClient) -> None:
    await put_source(client, "shop")
    lead = {"channel": "site_chat", "source": "shop", "external_id": "start:1"}
    assert wrong_fields(await client.post("/v1/leads", json=lead)) == ["source"]
    own = await client.post("/v1/leads", json={**lead, "source": "backfill"})
    assert own.status_code == 201


async def test_a_key_named_like_a_source_sends_a_name_of_its_own(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    await put_source(client, "shop")
    shop = await newcomer("intake", name="shop")
    assert wrong_fields(await shop.post("/v1/leads", json={"channel": "vk"})) == ["source"]
    assert (await shop.post("/v1/leads", json={"channel": "vk", "source": "a"})).status_code == 201


async def test_what_somebody_sent_before_under_its_name_swallows_no_delivery(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await put_source(client, "model")
    await deliver(client, a_chat(), to="/webhooks/tawk/model")
    await all_read(resources)
    (model,) = await leads(client)
    squatter = {"channel": "registration", "source": "shop", "external_id": model["external_id"]}
    assert (await client.post("/v1/leads", json=squatter)).status_code == 201

    await put_source(client, "shop")
    assert (await deliver(client, a_chat(), to="/webhooks/tawk/shop")).status_code == 200
    await all_read(resources)
    (put_aside,) = await delivered(client, source="shop")
    assert put_aside["state"] == "quarantined"
    assert "source" in put_aside["reason"]
    assert "`tests`" in put_aside["reason"]  # who sent it


async def test_a_key_and_a_source_have_not_one_name(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    """What they send bears their names: of one name, each would pass for the other."""
    await put_source(client, "shop")
    wanted = {"name": "shop", "scopes": ["intake"]}
    assert wrong_fields(await client.post("/v1/keys", json=wanted)) == ["name"]
    await newcomer("intake", name="site")
    sent = {"adapter": "tawk", "secrets": {"secret": "a secret of the tests"}}
    assert wrong_fields(await client.put("/v1/sources/site", json=sent)) == ["name"]
