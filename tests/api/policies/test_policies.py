"""What leads are ranked by is looked at and replaced over HTTP, whole or not at all."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from doors import Newcomer, post_lead, problem_in, wrong_fields
from driven_clock import DrivenClock
from open_always import open_always
from policy_doors import CHATS_FIRST, MAIN, YAML, in_force, put_next, put_text, text_in_force

from service.flows.line.view_queues import view_queues
from service.flows.upkeep.keep_in_step import keep_in_step
from service.policies.document import policy_schema
from service.policies.reading import default_text
from service.policies.yaml_text import read_yaml
from service.resources import Resources
from service.storage.queues.queue_events import list_queue_events

DEFAULT = read_yaml(open_always())
SHIPPED = read_yaml(default_text())


async def test_a_queue_begins_with_the_default_policy(client: httpx.AsyncClient) -> None:
    found = await in_force(client)
    assert (found["queue"], found["version"], found["author"]) == ("main", 1, "nextlead")
    assert found["policy"] == DEFAULT
    assert await text_in_force(client) == open_always()


async def test_a_new_queue_begins_with_its_own_currency_and_time_zone(
    client: httpx.AsyncClient,
) -> None:
    await client.put("/v1/queues/east", json={"currency": "KZT", "time_zone": "Asia/Almaty"})
    policy = (await in_force(client, "east"))["policy"]
    assert policy == {**SHIPPED, "currency": "KZT", "time_zone": "Asia/Almaty"}


async def test_a_policy_that_is_put_comes_into_force(
    client: httpx.AsyncClient, clock: DrivenClock, resources: Resources
) -> None:
    await in_force(client)
    clock.pass_by(hours=1)
    answer = await put_text(client, CHATS_FIRST, params={"note": "чаты вперёд"})
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    sent = {name: answer.json()[name] for name in ("queue", "version", "author", "at", "note")}
    assert sent == {
        **{"queue": "main", "version": 2, "author": "tests", "note": "чаты вперёд"},
        "at": "2026-06-10T10:00:00Z",
    }
    changed = answer.json()
    assert {**await in_force(client), "examples": changed["examples"]} == changed
    assert await text_in_force(client) == CHATS_FIRST
    async with resources.stores.database.transaction() as connection:
        (event,) = await list_queue_events(connection, "main", after=0, limit=10)
    assert (event.type, event.actor, event.at) == ("policy.changed", "tests", clock.now())
    assert event.details == {"version": 2, "note": "чаты вперёд"}


async def test_who_waits_and_who_comes_is_ranked_by_it(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    waiting = await post_lead(client)
    await put_next(client, CHATS_FIRST, 2)
    come = await post_lead(client)
    await keep_in_step(resources)
    for lead in (waiting, come):
        found = (await client.get(f"/v1/leads/{lead['id']}")).json()
        assert (found["stage"], found["policy_version"]) == (700, 2)


async def test_the_same_text_makes_no_new_version(client: httpx.AsyncClient) -> None:
    await put_next(client, CHATS_FIRST, 2)
    again = await put_text(client, CHATS_FIRST, 2)
    assert (again.status_code, again.json()["version"]) == (200, 2)
    assert (await put_text(client, "\ufeff" + CHATS_FIRST, 2)).json()["version"] == 2


@pytest.mark.parametrize("kind", [YAML, "text/yaml", "text/x-yaml; charset=utf-8", "TEXT/YAML"])
async def test_yaml_is_taken_under_any_of_its_names(client: httpx.AsyncClient, kind: str) -> None:
    answer = await put_text(client, CHATS_FIRST, headers={"Content-Type": kind})
    assert answer.status_code == 200


async def test_json_is_taken_and_kept_as_yaml(client: httpx.AsyncClient) -> None:
    sent = {**DEFAULT, "lease_seconds": 1e3, "region": "KZ"}
    for _ in range(2):
        answer = await client.put(MAIN, json=sent, headers={"If-Match": '"1"'})
    problem_in(answer, 412, "policy-changed")
    assert (await in_force(client))["policy"] == sent
    assert read_yaml(await text_in_force(client)) == sent
    again = await client.put(MAIN, json=sent, headers={"If-Match": '"2"'})
    assert again.json()["version"] == 2


async def test_who_knows_the_version_is_told_so(client: httpx.AsyncClient) -> None:
    for tag, status in (('"1"', 304), ('W/"1"', 304), ('"0", "1"', 304), ("*", 304), ('"2"', 200)):
        answer = await client.get(MAIN, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.headers["etag"]) == (status, '"1"')
        assert bool(answer.content) == (status == 200)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/yaml", YAML),
        ("text/yaml", YAML),
        ("application/json, application/yaml", "application/json"),
        ("application/json;q=0.5, application/yaml", YAML),
        ("application/yaml;q=0.1, */*", "application/json"),
        ("application/yaml;q=x, */*;q=0.1", "application/json"),
        ("image/png", "application/json"),
    ],
)
async def test_the_caller_says_in_what_form_he_wants_it(
    client: httpx.AsyncClient, accept: str, kind: str
) -> None:
    answer = await client.get(MAIN, headers={"Accept": accept})
    assert answer.headers["content-type"] == kind
    assert answer.headers["vary"] == "Accept"


async def test_who_replaces_must_say_which_version(client: httpx.AsyncClient) -> None:
    answer = await client.put(MAIN, content=CHATS_FIRST, headers={"Content-Type": YAML})
    problem_in(answer, 428, "precondition-missing")
    problem_in(await put_text(client, CHATS_FIRST, 2), 412, "policy-changed")
    problem_in(await put_text(client, CHATS_FIRST, 9999999999), 412, "policy-changed")
    for sent in ("1", "*", 'W/"1"', '"1", "2"', '"one"', '"99999999999"', ""):
        answer = await put_text(client, CHATS_FIRST, headers={"If-Match": sent})
        assert wrong_fields(answer) == ["If-Match"]
    assert (await in_force(client))["version"] == 1


async def test_of_two_who_replace_the_same_version_one_wins(client: httpx.AsyncClient) -> None:
    await in_force(client)
    texts = [CHATS_FIRST + f"# {number}\n" for number in range(8)]
    answers = await asyncio.gather(*(put_text(client, text) for text in texts))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    (winner,) = (number for number, item in enumerate(answers) if item.status_code == 200)
    assert await text_in_force(client) == texts[winner]
    assert (await in_force(client))["version"] == 2


async def test_a_queue_follows_the_currency_and_the_time_zone_of_its_policy(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    await client.put("/v1/queues/east", json={})
    await put_text(client, json.dumps({**DEFAULT, "currency": "KZT"}), queue="east")
    east = next(queue for queue in await view_queues(resources) if queue.name == "east")
    assert (east.currency, east.time_zone) == ("KZT", "Europe/Moscow")
    assert (await client.get("/v1/queues/east/stats")).json()["currency"] == "KZT"


async def test_a_policy_follows_the_currency_and_the_time_zone_of_its_queue(
    client: httpx.AsyncClient,
) -> None:
    await client.put("/v1/queues/east", json={})
    assert (await in_force(client, "east"))["version"] == 1
    sent = {"currency": "KZT", "time_zone": "Asia/Almaty"}
    for _ in range(2):
        assert (await client.put("/v1/queues/east", json=sent)).status_code == 200
    found = await in_force(client, "east")
    assert (found["version"], found["author"]) == (2, "tests")
    assert found["policy"] == {**SHIPPED, **sent}
    assert "KZT" in found["note"]


@pytest.mark.parametrize("path", ["", "/versions", "/versions/1"])
async def test_a_queue_that_is_not_there_has_no_policy(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(f"/v1/queues/nowhere/policy{path}")
    problem_in(answer, 404, "queue-not-found")
    problem_in(await put_text(client, CHATS_FIRST, queue="nowhere"), 404, "queue-not-found")


async def test_only_who_may_administer_replaces_and_tries_out(newcomer: Newcomer) -> None:
    reader = await newcomer("read", "supervise", "operate", "intake", name="reader")
    assert (await reader.get(MAIN)).status_code == 200
    sent: dict[str, Any] = {"content": CHATS_FIRST, "headers": {"If-Match": '"1"'}}
    for method, path in (
        ("PUT", MAIN),
        ("POST", f"{MAIN}/preview"),
        ("POST", f"{MAIN}/versions/1/restore"),
    ):
        problem_in(await reader.request(method, path, **sent), 403, "scope-missing")
    admin = await newcomer("admin", name="admin")
    problem_in(await admin.get(MAIN), 403, "scope-missing")


async def test_the_schema_is_published(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/policy/schema")
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json() == policy_schema()
    russian = await client.get("/v1/policy/schema", headers={"Accept-Language": "ru"})
    assert russian.json() == policy_schema("ru") != policy_schema()
