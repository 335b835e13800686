"""Deliveries over HTTP: pages of them, one with its request, and reading anew."""

import base64
from collections.abc import AsyncIterator

import httpx
import pytest
from doors import Newcomer, problem_in, wrong_fields
from webhook_stories import a_chat, all_read, deliver, delivered, path_of, put_source

from service.resources import Resources

NOBODY = "01970000-0000-7000-8000-000000000000"


@pytest.fixture(autouse=True)
async def _nothing_unread(resources: Resources) -> AsyncIterator[None]:
    """What came in is read before the next test empties the stores."""
    yield
    await all_read(resources)


async def test_pages_go_from_the_newest_to_the_oldest_by_state_and_source(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await put_source(client)
    await put_source(client, "other")
    for number in range(4):
        await deliver(client, a_chat(str(number)))
        await deliver(client, b"{", to="/webhooks/tawk/other")
    await all_read(resources)
    ids, cursor = [], None
    while True:
        query = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        page = (await client.get("/v1/deliveries", params=query)).json()
        ids += [item["id"] for item in page["deliveries"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(ids) == 8
    assert ids == sorted(ids, reverse=True)
    of_other = await delivered(client, source="other")
    assert of_other == await delivered(client, state="quarantined")
    assert [item["id"] for item in of_other] == ids[::2]
    assert await delivered(client, state="quarantined", source="shop") == []
    assert await delivered(client, state="received") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "lost"}, "state"),
        ({"source": "No Name"}, "source"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"cursor": "1"}, "cursor"),
    ],
)
async def test_a_query_with_mistakes_is_told_them(
    door: httpx.AsyncClient, query: dict[str, str], field: str
) -> None:
    assert wrong_fields(await door.get("/v1/deliveries", params=query)) == [field]


async def test_one_delivery_is_shown_with_its_request_as_it_came(
    client: httpx.AsyncClient,
) -> None:
    source = await put_source(client, "chat", adapter="jivo")
    event = '{"event_name": "ничего"}'.encode()
    await client.post(f"{path_of(source)}/a%2Fb?x=%31&y", content=event)
    (listed,) = await delivered(client)
    shown = (await client.get(f"/v1/deliveries/{listed['id']}")).json()
    assert shown["size"] == len(event)
    assert shown["request"] == {
        **{"method": "POST", "path": "a%2Fb", "query": "x=%31&y"},
        **{"headers": [], "text": event.decode(), "base64": None},
    }


async def test_a_body_that_is_no_text_is_shown_in_base64(client: httpx.AsyncClient) -> None:
    await put_source(client)
    body = b"\xff\x00\xfe"
    await deliver(client, body)
    (listed,) = await delivered(client)
    request = (await client.get(f"/v1/deliveries/{listed['id']}")).json()["request"]
    assert (request["text"], base64.b64decode(request["base64"])) == (None, body)


async def test_a_secret_that_the_sender_put_into_the_body_is_hidden(
    client: httpx.AsyncClient,
) -> None:
    secret, options = "hush & hide", {"group_id": "7", "confirmation": "c"}
    await put_source(client, "vk", adapter="vk", secrets={"secret": secret}, options=options)
    body = {"group_id": 7, "type": "group_leave", "event_id": "1", "secret": secret}
    await client.post("/webhooks/vk/vk?secret=hush+%26+hide", json=body)
    (listed,) = await delivered(client)
    request = (await client.get(f"/v1/deliveries/{listed['id']}")).json()["request"]
    assert '"group_leave"' in request["text"]
    assert '"secret":"•••"' in request["text"].replace(" ", "")
    assert request["query"] == "secret=•••"


async def test_bodies_are_for_who_administers_and_the_list_for_who_reads(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    await put_source(client)
    await deliver(client, a_chat())
    reader = await newcomer("read")
    (listed,) = await delivered(reader)
    assert "Ирина" not in str(listed)
    problem_in(await reader.get(f"/v1/deliveries/{listed['id']}"), 403, "scope-missing")
    answer = await reader.post(f"/v1/deliveries/{listed['id']}/replay")
    problem_in(answer, 403, "scope-missing")


async def test_a_delivery_that_is_not_there_is_not_found(door: httpx.AsyncClient) -> None:
    problem_in(await door.get(f"/v1/deliveries/{NOBODY}"), 404, "delivery-not-found")
    answer = await door.post(f"/v1/deliveries/{NOBODY}/replay")
    problem_in(answer, 404, "delivery-not-found")
    problem_in(await door.post("/v1/sources/nobody/replay"), 404, "source-not-found")


async def test_a_replayed_delivery_is_as_if_it_had_just_come(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await put_source(client)
    await deliver(client, b"{")
    await all_read(resources)
    (before,) = await delivered(client, state="quarantined")
    replayed = (await client.post(f"/v1/deliveries/{before['id']}/replay")).json()
    assert (replayed["state"], replayed["reason"], replayed["attempts"]) == ("received", None, 0)
    await all_read(resources)
    (after,) = await delivered(client)
    assert after == before
