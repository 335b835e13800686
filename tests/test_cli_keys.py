"""`nextlead keys …` as it is typed."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI
from running import nextlead

from service.embedded.servers import Addresses
from service.resources import Resources
from service.settings import Settings
from service.storage.api_keys import SCOPES

Typed = Callable[..., Awaitable[subprocess.CompletedProcess[str]]]


@pytest.fixture
def typed(servers: Addresses, settings: Settings) -> Typed:
    environment = {
        "NEXTLEAD_DATABASE_URL": servers.database_url,
        "NEXTLEAD_REDIS_URL": servers.redis_url,
    }

    async def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(nextlead, "keys", *arguments, **environment)

    return run


async def status_with(app: FastAPI, secret: str) -> int:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://nextlead") as program:
        headers = {"Authorization": f"Bearer {secret}"}
        return (await program.get("/v1/queues", headers=headers)).status_code


async def test_a_key_in_force_is_replaced_only_when_it_is_asked_for(
    app: FastAPI, resources: Resources, typed: Typed
) -> None:
    first = (await typed("create", "board", "--scope", "read")).stdout.strip()
    refused = await typed("create", "board", "--scope", "read")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "A key `board` exists" in refused.stderr
    assert "--replace" in refused.stderr
    assert await status_with(app, first) == 200
    second = await typed("create", "board", "--scope", "read", "--replace")
    resources.stores.directory.forget()
    assert await status_with(app, first) == 401
    assert await status_with(app, second.stdout.strip()) == 200


async def test_the_name_of_a_revoked_key_is_free(resources: Resources, typed: Typed) -> None:
    await typed("create", "site", "--scope", "intake")
    assert (await typed("revoke", "site")).returncode == 0
    assert (await typed("create", "site", "--scope", "intake")).returncode == 0


@pytest.mark.parametrize(
    "scopes",
    [
        ("--scope", "read,intake"),
        ("--scope", "intake", "--scope", "read"),
        ("--scope", " intake , read ", "--scope", "read"),
    ],
)
async def test_scopes_may_stand_together_or_apart(
    resources: Resources, typed: Typed, scopes: tuple[str, ...]
) -> None:
    made = await typed("create", "both", *scopes)
    assert made.returncode == 0, made.stderr
    assert "both  intake,read  " in (await typed("list")).stdout


@pytest.mark.parametrize("scope", ["intake,reed", "", "intake,,read", "*"])
async def test_a_scope_that_is_none_is_named_with_those_that_are(
    resources: Resources, typed: Typed, scope: str
) -> None:
    refused = await typed("create", "odd", "--scope", scope)
    assert refused.returncode == 2
    assert f"is none of {', '.join(SCOPES)}" in " ".join(refused.stderr.split())
    assert "odd" not in (await typed("list")).stdout


async def test_a_rotated_key_has_a_new_secret_beside_the_old_one(
    app: FastAPI, resources: Resources, typed: Typed
) -> None:
    old = (await typed("create", "board", "--scope", "read")).stdout.strip()
    new = (await typed("rotate", "board", "--overlap-hours", "24")).stdout.strip()
    resources.stores.directory.forget()
    assert [await status_with(app, secret) for secret in (old, new)] == [200, 200]
    unknown = await typed("rotate", "bored")
    assert unknown.returncode == 1
    assert "No key in force is called `bored`" in unknown.stderr


async def test_a_key_is_bound_and_shown_so(resources: Resources, typed: Typed) -> None:
    bounds = ("--operator", "anna", "--queue", "main", "--expires", "90d")
    made = await typed("create", "annas", "--scope", "operate,read", *bounds)
    assert made.returncode == 0, made.stderr
    listed = (await typed("list")).stdout
    (line,) = [line for line in listed.splitlines() if line.startswith("annas")]
    assert "operator=anna  queue=main  until=" in line
    assert line.endswith("unused")
    sent = ("create", "form", "--scope", "intake", "--source", "site")
    assert (await typed(*sent)).returncode == 0


@pytest.mark.parametrize(
    ("bounds", "named"),
    [
        (("--operator", "nobody"), "nobody"),
        (("--queue", "nowhere"), "nowhere"),
        (("--expires", "soon"), "90d"),
        (("--source", "site"), "intake"),
    ],
)
async def test_a_bound_that_cannot_be_is_named(
    resources: Resources, typed: Typed, bounds: tuple[str, ...], named: str
) -> None:
    refused = await typed("create", "odd", "--scope", "operate", *bounds)
    assert refused.returncode != 0
    assert named in refused.stderr
