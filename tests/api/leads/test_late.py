"""Late leads over HTTP: the latest first, in pages, each with why."""

import httpx
import pytest
from doors import do, post_lead, problem_in, take_next, wrong_fields
from driven_clock import DrivenClock

LATE = "/v1/queues/main/late"


async def test_late_leads_say_since_when_and_why(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    held = await post_lead(client, channel="walk_in")
    await take_next(client)
    promised = await post_lead(client, channel="phone", live=False)
    taken = await take_next(client, "boris")
    assert taken["id"] == promised["id"]
    await do(client, taken, "settle", outcome="callback")
    clock.pass_by(minutes=30)
    await post_lead(client, channel="vk")
    clock.pass_by(minutes=40)
    page = (await client.get(LATE)).json()
    reported = [(item["late_for"], item["late_seconds"]) for item in page["leads"]]
    assert reported == [("callback", 1800.0), ("waiting", 1800.0), ("held", 600.0)]
    assert page["leads"][2]["id"] == held["id"]
    assert page["next"] is None
    assert (await client.get("/v1/queues/main/stats")).json()["late"] == 3


async def test_pages_follow_one_another(client: httpx.AsyncClient, clock: DrivenClock) -> None:
    sent = [(await post_lead(client))["id"] for _ in range(5)]
    clock.pass_by(minutes=11)
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(LATE, params=params)).json()
        seen += [item["id"] for item in page["leads"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(sent)


async def test_nobody_is_late(client: httpx.AsyncClient) -> None:
    await post_lead(client)
    page = (await client.get(LATE)).json()
    assert (page["leads"], page["next"]) == ([], None)


async def test_an_unknown_queue_has_nobody(client: httpx.AsyncClient) -> None:
    problem_in(await client.get("/v1/queues/nowhere/late"), 404, "queue-not-found")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "1",
        "1.2",
        "-99999999999999999.01970000-0000-7000-8000-000000000000",
        "-1.x",
        "\x00",
    ],
)
async def test_what_is_no_cursor_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    assert wrong_fields(await client.get(LATE, params={"cursor": cursor})) == ["cursor"]


@pytest.mark.parametrize("limit", ["0", "201", "x"])
async def test_a_page_has_bounds(client: httpx.AsyncClient, limit: str) -> None:
    assert wrong_fields(await client.get(LATE, params={"limit": limit})) == ["limit"]
