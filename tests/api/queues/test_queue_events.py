"""What happened to a queue as a whole, page by page."""

from typing import Any

import httpx
import pytest
from doors import problem_in, wrong_fields
from driven_clock import NOON

from service.resources import Resources
from service.storage.queues.queue_events import QueueEvent, append_queue_event

PATH = "/v1/queues/main/events"


@pytest.fixture
async def reported(resources: Resources, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The client, after five events of one queue and one of another."""
    await client.put("/v1/queues/parts", json={})
    async with resources.stores.database.transaction() as connection:
        for number in range(5):
            details = {"number": number} if number else None
            event = QueueEvent("main", "policy.changed", NOON, "head", details)
            await append_queue_event(connection, event)
        await append_queue_event(connection, QueueEvent("parts", "other", NOON, "nextlead"))
    return client


async def page(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get(PATH, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_events_are_told_the_oldest_first(reported: httpx.AsyncClient) -> None:
    found = await page(reported)
    assert found["next"] is None
    ids = [item.pop("id") for item in found["events"]]
    assert ids == sorted(ids)
    common = {"at": "2026-06-10T09:00:00Z", "type": "policy.changed", "actor": "head"}
    assert found["events"] == [
        {**common, "details": {"number": number} if number else None} for number in range(5)
    ]


async def test_pages_follow_one_another(reported: httpx.AsyncClient) -> None:
    whole = (await page(reported))["events"]
    first = await page(reported, limit=2)
    second = await page(reported, limit=2, cursor=first["next"])
    third = await page(reported, limit=2, cursor=second["next"])
    assert [*first["events"], *second["events"], *third["events"]] == whole
    assert (first["next"], third["next"]) == (str(whole[1]["id"]), None)
    assert (await page(reported, limit=5))["next"] == str(whole[4]["id"])
    assert await page(reported, cursor=whole[4]["id"]) == {"events": [], "next": None}


async def test_a_queue_tells_of_itself_only(reported: httpx.AsyncClient) -> None:
    events = (await reported.get("/v1/queues/parts/events")).json()["events"]
    assert [event["type"] for event in events] == ["other"]


async def test_a_queue_that_is_not_there_has_no_events(client: httpx.AsyncClient) -> None:
    problem_in(await client.get("/v1/queues/nowhere/events"), 404, "queue-not-found")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        *(({"limit": limit}, "limit") for limit in ("0", "201", "x")),
        *(({"cursor": cursor}, "cursor") for cursor in ("-1", "x", "9223372036854775808")),
    ],
)
async def test_a_page_that_cannot_be_is_refused(
    client: httpx.AsyncClient, asked: dict[str, str], field: str
) -> None:
    assert wrong_fields(await client.get(PATH, params=asked)) == [field]
