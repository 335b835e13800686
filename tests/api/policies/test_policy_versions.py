"""Every version that a policy had is kept, and can be brought back."""

import httpx
import pytest
from doors import Newcomer, post_lead, problem_in, wrong_fields
from driven_clock import DrivenClock
from open_always import open_always
from policy_doors import (
    CALLS_LATE,
    CHATS_FIRST,
    MAIN,
    YAML,
    in_force,
    put_next,
    put_text,
    text_in_force,
)

from service.flows.upkeep.keep_in_step import keep_in_step
from service.resources import Resources


async def restore(
    client: httpx.AsyncClient, version: int, follows: int, **more: str
) -> httpx.Response:
    headers = {"If-Match": f'"{follows}"'}
    return await client.post(f"{MAIN}/versions/{version}/restore", headers=headers, params=more)


async def test_versions_are_listed_the_newest_first(
    client: httpx.AsyncClient, clock: DrivenClock
) -> None:
    await in_force(client)
    clock.pass_by(minutes=1)
    await put_text(client, CHATS_FIRST, params={"note": "чаты вперёд"})
    found = (await client.get(f"{MAIN}/versions")).json()
    assert found["next"] is None
    newest, first = found["versions"]
    assert newest == {
        **{"queue": "main", "version": 2, "author": "tests", "note": "чаты вперёд"},
        "at": "2026-06-10T09:01:00Z",
    }
    assert (first["version"], first["author"]) == (1, "nextlead")


async def test_versions_come_in_pages(client: httpx.AsyncClient) -> None:
    for version in range(2, 6):
        await put_next(client, CHATS_FIRST + f"# {version}\n", version)
    seen, cursor = [], None
    while True:
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await client.get(f"{MAIN}/versions", params=params)).json()
        seen += [item["version"] for item in page["versions"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 101}, {"cursor": 0}, {"cursor": 2**31}, {"cursor": "x"}]
)
async def test_a_page_is_bounded(client: httpx.AsyncClient, params: dict[str, int]) -> None:
    answer = await client.get(f"{MAIN}/versions", params=params)
    assert wrong_fields(answer) == [*params]


async def test_a_version_is_shown_in_either_form(client: httpx.AsyncClient) -> None:
    await put_next(client, CHATS_FIRST, 2)
    first = await client.get(f"{MAIN}/versions/1")
    assert (first.json()["version"], first.headers["etag"]) == (1, '"1"')
    assert (await client.get(f"{MAIN}/versions/2")).json() == await in_force(client)
    text = await client.get(f"{MAIN}/versions/1", headers={"Accept": YAML})
    assert (text.text, text.headers["content-type"]) == (open_always(), YAML)
    existing = await client.get(f"{MAIN}/versions/1", headers={"If-None-Match": '"1"'})
    assert existing.status_code == 304


async def test_a_version_that_never_was_is_not_found(client: httpx.AsyncClient) -> None:
    problem_in(await client.get(f"{MAIN}/versions/2"), 404, "policy-not-found")
    problem_in(await restore(client, 2, 1), 404, "policy-not-found")
    for number in ("0", "-1", "x", str(2**31)):
        assert wrong_fields(await client.get(f"{MAIN}/versions/{number}")) == ["version"]


async def test_an_earlier_version_comes_back_as_the_newest(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    lead = await post_lead(client)
    await put_next(client, CHATS_FIRST, 2)
    await put_next(client, CALLS_LATE, 3)
    answer = await restore(client, 2, 3, note="звонки ждать не могут")
    assert (answer.status_code, answer.headers["etag"]) == (200, '"4"')
    assert answer.json()["note"] == "version 2 again: звонки ждать не могут"
    assert await in_force(client) == answer.json()
    assert await text_in_force(client) == CHATS_FIRST
    await keep_in_step(resources)
    found = (await client.get(f"/v1/leads/{lead['id']}")).json()
    assert (found["stage"], found["policy_version"]) == (700, 4)


async def test_the_version_in_force_is_not_brought_back(client: httpx.AsyncClient) -> None:
    await put_next(client, CHATS_FIRST, 2)
    assert (await restore(client, 2, 2)).json()["version"] == 2


async def test_rolling_back_says_which_version_it_replaces(client: httpx.AsyncClient) -> None:
    await put_next(client, CHATS_FIRST, 2)
    problem_in(await restore(client, 1, 1), 412, "policy-changed")
    answer = await client.post(f"{MAIN}/versions/1/restore")
    problem_in(answer, 428, "precondition-missing")
    assert (await restore(client, 1, 2)).json()["note"] == "version 1 again"


async def test_queues_have_versions_of_their_own(
    client: httpx.AsyncClient, newcomer: Newcomer
) -> None:
    await client.put("/v1/queues/parts", json={})
    await in_force(client, "parts")
    await put_next(client, CHATS_FIRST, 2)
    assert (await in_force(client, "parts"))["version"] == 1
    supervisor = await newcomer("admin", "read", name="head of sales")
    assert (await put_text(supervisor, CALLS_LATE, queue="parts")).status_code == 200
    assert (await in_force(client, "parts"))["author"] == "head of sales"
    assert (await in_force(client))["author"] == "tests"
