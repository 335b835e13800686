"""Keys made, rotated, listed and revoked over HTTP, by keys that may do as much themselves."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from doors import a_key, problem_in, program, wrong_fields
from driven_clock import DrivenClock
from fastapi import FastAPI

from service.resources import Resources
from service.storage.api_keys import SCOPES


async def status_of(
    app: FastAPI, resources: Resources, secret: str, path: str = "/v1/queues"
) -> int:
    resources.stores.directory.forget()
    async with program(app, secret) as holder:
        return (await holder.get(path)).status_code


async def make(client: httpx.AsyncClient, name: str, *scopes: str) -> dict[str, Any]:
    answer = await client.post("/v1/keys", json={"name": name, "scopes": scopes})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_key_is_made_and_shows_its_secret_once(
    app: FastAPI, client: httpx.AsyncClient, resources: Resources
) -> None:
    made = await make(client, "board", "read", "operate")
    assert made["scopes"] == ["operate", "read"]
    assert made["revoked_at"] is None
    assert await status_of(app, resources, made["secret"]) == 200
    assert await status_of(app, resources, made["secret"], "/v1/keys") == 403
    listed = (await client.get("/v1/keys")).json()["keys"]
    assert [key["name"] for key in listed] == ["board", "tests"]
    assert all("secret" not in key for key in listed)
    assert made["secret"] not in str(listed)


async def test_a_name_whose_key_is_in_force_is_refused_and_a_revoked_one_is_free(
    app: FastAPI, client: httpx.AsyncClient, resources: Resources
) -> None:
    first = await make(client, "site", "read")
    refused = await client.post("/v1/keys", json={"name": "site", "scopes": ["read"]})
    assert "`site`" in problem_in(refused, 409, "key-exists")["detail"]
    assert await status_of(app, resources, first["secret"]) == 200
    assert (await client.delete("/v1/keys/site")).status_code == 204
    assert await status_of(app, resources, first["secret"]) == 401
    second = await make(client, "site", "read")
    assert await status_of(app, resources, second["secret"]) == 200
    assert await status_of(app, resources, first["secret"]) == 401


async def test_of_two_who_make_a_key_of_one_name_at_once_one_succeeds(
    app: FastAPI, client: httpx.AsyncClient, resources: Resources
) -> None:
    wanted = {"name": "race", "scopes": ["read"]}
    answers = await asyncio.gather(*(client.post("/v1/keys", json=wanted) for _ in range(8)))
    (made,) = [answer.json() for answer in answers if answer.status_code == 201]
    assert [answer.status_code for answer in answers].count(409) == 7
    assert await status_of(app, resources, made["secret"]) == 200


async def test_no_key_gives_out_scopes_that_it_lacks(
    app: FastAPI, client: httpx.AsyncClient, resources: Resources
) -> None:
    secret = await a_key(resources, "weak", ["admin", "read"])
    await make(client, "strong", "supervise", "read")
    async with program(app, secret) as weak:
        wanted = {"name": "more", "scopes": ["read", "intake", "supervise"]}
        detail = problem_in(await weak.post("/v1/keys", json=wanted), 403, "scope-missing")[
            "detail"
        ]
        assert "`intake`, `supervise`" in detail
        rotated = await weak.post("/v1/keys/strong/rotate", json={})
        assert "`supervise`" in problem_in(rotated, 403, "scope-missing")["detail"]
        assert (await weak.post("/v1/keys/weak/rotate", json={})).status_code == 200
        same = {"name": "same", "scopes": ["admin", "read"]}
        assert (await weak.post("/v1/keys", json=same)).status_code in (201, 401)
    names = [key["name"] for key in (await client.get("/v1/keys")).json()["keys"]]
    assert "more" not in names


async def test_a_rotated_key_opens_with_both_secrets_until_the_overlap_is_over(
    app: FastAPI, client: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    old = (await make(client, "crm", "read"))["secret"]
    answer = await client.post("/v1/keys/crm/rotate", json={"overlap_hours": 2})
    new = answer.json()["secret"]
    assert answer.status_code == 200
    assert new != old
    assert answer.json()["previous_until"] is not None
    assert [await status_of(app, resources, secret) for secret in (old, new)] == [200, 200]
    clock.moment += timedelta(hours=2) - timedelta(seconds=1)
    assert await status_of(app, resources, old) == 200
    clock.moment += timedelta(seconds=1)
    assert [await status_of(app, resources, secret) for secret in (old, new)] == [401, 200]
    (listed,) = [
        key for key in (await client.get("/v1/keys")).json()["keys"] if key["name"] == "crm"
    ]
    assert listed["previous_until"] is None


async def test_an_overlap_that_ends_is_noticed_although_the_key_is_remembered(
    app: FastAPI, client: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    old = (await make(client, "crm", "read"))["secret"]
    await client.post("/v1/keys/crm/rotate", json={"overlap_hours": 1})
    async with program(app, old) as holder:
        assert (await holder.get("/v1/queues")).status_code == 200
        clock.moment += timedelta(hours=1)
        assert (await holder.get("/v1/queues")).status_code == 401


async def test_without_an_overlap_and_when_rotated_again_the_former_secret_ends(
    app: FastAPI, client: httpx.AsyncClient, resources: Resources
) -> None:
    first = (await make(client, "crm", "read"))["secret"]
    second = (await client.post("/v1/keys/crm/rotate", json={})).json()["secret"]
    third = (await client.post("/v1/keys/crm/rotate", json={"overlap_hours": 0})).json()["secret"]
    found = [await status_of(app, resources, secret) for secret in (first, second, third)]
    assert found == [401, 401, 200]


async def test_an_expired_key_is_not_rotated_but_its_name_is_free(
    app: FastAPI, client: httpx.AsyncClient, resources: Resources, clock: DrivenClock
) -> None:
    until = clock.now() + timedelta(days=1)
    sent = {"name": "guest", "scopes": ["read"], "expires_at": until.isoformat()}
    assert (await client.post("/v1/keys", json=sent)).status_code == 201
    assert (await client.post("/v1/keys/guest/rotate", json={})).status_code == 200
    clock.pass_by(days=1)
    refused = await client.post("/v1/keys/guest/rotate", json={})
    assert "create" in problem_in(refused, 404, "key-not-found")["detail"]
    again = await make(client, "guest", "read")
    assert await status_of(app, resources, again["secret"]) == 200


async def test_a_revoked_key_ends_with_both_its_secrets(
    app: FastAPI, client: httpx.AsyncClient, resources: Resources
) -> None:
    old = (await make(client, "crm", "read"))["secret"]
    new = (await client.post("/v1/keys/crm/rotate", json={})).json()["secret"]
    assert (await client.delete("/v1/keys/crm")).status_code == 204
    assert [await status_of(app, resources, secret) for secret in (old, new)] == [401, 401]
    problem_in(await client.delete("/v1/keys/crm"), 404, "key-not-found")
    problem_in(await client.post("/v1/keys/crm/rotate", json={}), 404, "key-not-found")
    again = (await make(client, "crm", "read"))["secret"]
    found = [await status_of(app, resources, secret) for secret in (old, new, again)]
    assert found == [401, 401, 200]


async def test_keys_are_listed_in_pages(client: httpx.AsyncClient) -> None:
    for name in ("a", "b", "c"):
        await make(client, name, "read")
    first = (await client.get("/v1/keys?limit=2")).json()
    rest = (await client.get("/v1/keys", params={"cursor": first["next"], "limit": 5})).json()
    names = [key["name"] for page in (first, rest) for key in page["keys"]]
    assert names == ["a", "b", "c", "tests"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"name": "a b", "scopes": ["read"]}, "name"),
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": "x" * 65, "scopes": ["read"]}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["reed"]}, "scopes.0"),
        ({"name": "x", "scopes": ["read"] * 99}, "scopes"),
        ({"name": "x", "scopes": ["read"], "secret": "mine"}, "secret"),
    ],
)
async def test_a_key_that_cannot_be_is_refused_by_field(
    client: httpx.AsyncClient, wanted: dict[str, Any], field: str
) -> None:
    assert wrong_fields(await client.post("/v1/keys", json=wanted)) == [field]


@pytest.mark.parametrize("hours", [-1, 721, 1.5, "soon"])
async def test_an_overlap_has_bounds(client: httpx.AsyncClient, hours: object) -> None:
    answer = await client.post("/v1/keys/tests/rotate", json={"overlap_hours": hours})
    assert wrong_fields(answer) == ["overlap_hours"]


async def test_a_reason_names_the_scopes_that_there_are(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/keys", json={"name": "x", "scopes": ["reed"]})
    assert SCOPES[0] in problem_in(answer, 422, "invalid-request")["errors"][0]["reason"]
