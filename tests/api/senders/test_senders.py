"""Two senders, and a key that is revoked while it is in use."""

import asyncio

import httpx
from driven_clock import NOON

from service.resources import Resources
from service.storage.api_keys import put_key, revoke_key


async def keys(resources: Resources, **scopes: str) -> None:
    async with resources.stores.database.transaction() as connection:
        for name, scope in scopes.items():
            await put_key(connection, name, f"the key of {name}", [scope], NOON)
    resources.stores.directory.forget()


def of(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer the key of {name}"}


async def test_the_same_id_of_two_senders_is_two_leads(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await keys(resources, site="intake", telephony="intake")
    lead = {"channel": "vk", "external_id": "1"}
    answers = [await client.post("/v1/leads", json=lead, headers=of(name))
               for name in ("site", "telephony", "site")]  # fmt: skip
    assert [answer.status_code for answer in answers] == [201, 201, 200]
    assert answers[0].json()["id"] != answers[1].json()["id"]


async def test_a_key_that_may_not_read_is_not_shown_anothers_lead(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await keys(resources, site="intake", telephony="intake")
    lead = {"channel": "vk", "source": "shop", "external_id": "1", "text": "тайна"}
    assert (await client.post("/v1/leads", json=lead, headers=of("site"))).status_code == 201
    answer = await client.post("/v1/leads", json=lead, headers=of("telephony"))
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:nextlead:problem:signal-taken"
    assert "тайна" not in answer.text


async def test_a_revoked_key_in_constant_use_stops_working(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await keys(resources, dashboard="read")
    assert (await client.get("/v1/leads", headers=of("dashboard"))).status_code == 200
    async with resources.stores.database.transaction() as connection:
        await revoke_key(connection, "dashboard", NOON)
    async with asyncio.timeout(10):
        while (await client.get("/v1/leads", headers=of("dashboard"))).status_code == 200:
            pass
