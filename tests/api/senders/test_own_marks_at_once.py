"""What a source says of the shop's own numbers counts from the answer on."""

import httpx
from doors import post_lead
from webhook_stories import put_source

LINE = "+74232022511"


async def test_the_shop_s_own_number_is_nobody_s_as_soon_as_its_source_says_so(
    client: httpx.AsyncClient,
) -> None:
    first = await post_lead(client, customer={"phone": LINE}, text="фара")
    await put_source(client, own_marks=[LINE])
    second = await post_lead(client, customer={"phone": LINE}, text="бампер")
    await put_source(client, own_marks=[])
    assert second["id"] != first["id"]
    again = await client.post(
        "/v1/leads", json={"channel": "whatsapp", "customer": {"phone": LINE}, "text": "масло"}
    )
    assert again.status_code == 200, "the number is a client's again"


async def test_a_source_that_is_gone_says_nothing_of_numbers(client: httpx.AsyncClient) -> None:
    await put_source(client, own_marks=[LINE])
    await post_lead(client, customer={"phone": LINE}, text="фара")
    assert (await client.delete("/v1/sources/shop")).status_code == 204
    third = await post_lead(client, customer={"phone": LINE}, text="масло")
    again = await client.post(
        "/v1/leads", json={"channel": "whatsapp", "customer": {"phone": LINE}, "text": "масло"}
    )
    assert (again.status_code, again.json()["id"]) == (200, third["id"])
