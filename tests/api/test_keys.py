"""Who is let in: keys, their scopes, and what is open to everybody."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
from doors import a_key, problem_in, program
from driven_clock import NOON
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import text

from service.main import create_app
from service.pages import door as pages
from service.resources import Resources
from service.settings import Settings
from service.storage.api_keys import SCOPES, digest_of, list_keys, new_secret, put_key, revoke_key

SUPERVISED = ("pin", "unpin", "assign", "unassign", "take-away", "withdraw", "correct")
SCOPE_OF = {
    ("GET", "/metrics"): "metrics or read",
    ("POST", "/v1/leads"): "intake",
    ("GET", "/v1/leads"): "read",
    ("POST", "/v1/leads/import"): "intake",
    ("GET", "/v1/leads/export"): "read",
    ("GET", "/v1/leads/{lead_id}"): "read",
    ("PATCH", "/v1/leads/{lead_id}"): "intake or supervise or operate",
    ("POST", "/v1/leads/{lead_id}/notes"): "operate",
    ("POST", "/v1/leads/bulk"): "supervise",
    ("POST", "/v1/wishes/arrived"): "crm",
    ("GET", "/v1/leads/{lead_id}/explanation"): "read",
    ("GET", "/v1/leads/{lead_id}/events"): "read",
    ("GET", "/v1/leads/{lead_id}/signals"): "read",
    ("POST", "/v1/leads/{lead_id}/split"): "operate",
    ("POST", "/v1/leads/{lead_id}/claim"): "operate",
    ("POST", "/v1/leads/{lead_id}/renew"): "operate",
    ("POST", "/v1/leads/{lead_id}/release"): "operate",
    ("POST", "/v1/leads/{lead_id}/settle"): "operate",
    ("POST", "/v1/leads/{lead_id}/undo"): "operate",
    ("POST", "/v1/leads/{lead_id}/activate"): "operate",
    ("POST", "/v1/leads/{lead_id}/details"): "operate",
    ("POST", "/v1/leads/{lead_id}/call"): "intake",
    ("POST", "/v1/leads/{lead_id}/park"): "operate",
    ("POST", "/v1/leads/{lead_id}/transfer"): "operate",
    ("POST", "/v1/leads/{lead_id}/decline"): "operate",
    **{("POST", f"/v1/leads/{{lead_id}}/{verb}"): "supervise" for verb in SUPERVISED},
    ("POST", "/v1/leads/{lead_id}/extend"): "supervise",
    ("PUT", "/v1/customers/{external_id}"): "intake",
    ("GET", "/v1/customers/{external_id}"): "read",
    ("PUT", "/v1/operators/{operator}"): "supervise",
    ("PATCH", "/v1/operators/{operator}"): "supervise",
    ("DELETE", "/v1/operators/{operator}"): "supervise",
    ("GET", "/v1/operators"): "read",
    ("GET", "/v1/operators/{operator}"): "operate",
    ("PUT", "/v1/operators/{operator}/presence"): "operate",
    ("POST", "/v1/operators/{operator}/next"): "operate",
    ("GET", "/v1/operators/{operator}/queue"): "operate",
    ("GET", "/v1/operators/{operator}/stream"): "operate",
    ("GET", "/v1/operators/{operator}/leads"): "operate",
    ("GET", "/v1/queues"): "read",
    ("PUT", "/v1/queues/{queue}"): "admin",
    ("GET", "/v1/rules"): "read",
    ("GET", "/v1/customers"): "read",
    ("POST", "/v1/customers/find"): "read",
    ("DELETE", "/v1/customers/{external_id}"): "admin",
    ("POST", "/v1/customers/erase"): "admin",
    ("POST", "/v1/customers/export"): "admin",
    ("GET", "/v1/erasures"): "admin",
    ("GET", "/v1/customers/marks/block"): "read",
    ("POST", "/v1/customers/marks/block"): "supervise",
    ("DELETE", "/v1/customers/marks/block"): "supervise",
    ("POST", "/v1/customers/merge"): "operate",
    ("POST", "/v1/customers/merge/{merge_id}/undo"): "operate",
    ("PUT", "/v1/customers/{external_id}/owner"): "supervise",
    ("DELETE", "/v1/customers/{external_id}/owner"): "supervise",
    ("POST", "/v1/customers/{external_id}/selections"): "operate",
    ("GET", "/v1/queues/{queue}/history"): "read",
    ("GET", "/v1/queues/{queue}/stream"): "read",
    ("GET", "/v1/queues/{queue}/vocabulary"): "read",
    ("GET", "/v1/keys"): "admin",
    ("POST", "/v1/keys"): "admin",
    ("DELETE", "/v1/keys/{name}"): "admin",
    ("POST", "/v1/keys/{name}/rotate"): "admin",
    ("PATCH", "/v1/queues/{queue}"): "admin",
    ("GET", "/v1/queues/{queue}/stats"): "read",
    ("GET", "/v1/queues/{queue}/conversion"): "read",
    ("GET", "/v1/queues/{queue}/late"): "read",
    ("GET", "/v1/queues/{queue}/operators/stats"): "read",
    ("GET", "/v1/queues/{queue}/events"): "read",
    ("GET", "/v1/queues/{queue}/policy"): "read",
    ("PUT", "/v1/queues/{queue}/policy"): "admin",
    ("GET", "/v1/queues/{queue}/policy/versions"): "read",
    ("GET", "/v1/queues/{queue}/policy/versions/{version}"): "read",
    ("POST", "/v1/queues/{queue}/policy/versions/{version}/restore"): "admin",
    ("POST", "/v1/queues/{queue}/policy/preview"): "admin",
    ("GET", "/v1/policy/schema"): "read",
    ("GET", "/v1/adapters"): "read",
    ("GET", "/v1/adapters/{adapter}"): "read",
    ("GET", "/v1/sources"): "read",
    ("GET", "/v1/sources/{source}"): "read",
    ("PUT", "/v1/sources/{source}"): "admin",
    ("PATCH", "/v1/sources/{source}"): "admin",
    ("DELETE", "/v1/sources/{source}"): "admin",
    ("POST", "/v1/sources/{source}/rotate"): "admin",
    ("POST", "/v1/sources/{source}/replay"): "admin",
    ("GET", "/v1/deliveries"): "read",
    ("GET", "/v1/deliveries/{delivery_id}"): "admin",
    ("POST", "/v1/deliveries/{delivery_id}/replay"): "admin",
    ("GET", "/v1/subscriptions"): "read",
    ("GET", "/v1/subscriptions/{subscription}"): "read",
    ("PUT", "/v1/subscriptions/{subscription}"): "admin",
    ("PATCH", "/v1/subscriptions/{subscription}"): "admin",
    ("DELETE", "/v1/subscriptions/{subscription}"): "admin",
    ("POST", "/v1/subscriptions/{subscription}/rotate"): "admin",
    ("POST", "/v1/subscriptions/{subscription}/test"): "admin",
    ("GET", "/v1/subscriptions/{subscription}/deliveries"): "read",
    ("POST", "/v1/subscriptions/{subscription}/deliveries/{number}/replay"): "admin",
    ("POST", "/v1/subscriptions/{subscription}/replay"): "admin",
}
OPEN = {("GET", "/healthz"), ("GET", "/readyz")}
WEBHOOKS = {("MOUNT", "/webhooks/{address:path}")}  # whose adapters say which methods they take
WEBHOOKS_AS_DOCUMENTED = {("POST", "/webhooks/{adapter}/{source}")}
# Pages, whose sessions and scopes are tested beside them.
OF_PEOPLE = {(method, page.path) for page in pages.ROUTES for method in page.methods or ()}
DOCS = {
    ("GET", "/docs"),
    ("GET", "/docs/oauth2-redirect"),
    ("GET", "/openapi.json"),
    ("HEAD", "/openapi.json"),
    ("MOUNT", "/static-offline-docs"),
}
STATIC = "/static-offline-docs/swagger-ui.css"
GUARDED = pytest.mark.parametrize(("method", "path"), SCOPE_OF)


def somewhere(path: str) -> str:
    """An address that the route serves."""
    lead = "01970000-0000-7000-8000-000000000000"
    return path.format(
        **{"lead_id": lead, "operator": "anna", "queue": "main", "version": 1},
        **{"external_id": "c-1", "adapter": "mango", "source": "shop", "delivery_id": lead},
        **{"subscription": "crm", "number": 1, "name": "crm", "merge_id": lead},
    )


async def untouched(read: list[bytes]) -> AsyncIterator[bytes]:
    """A body that notes when it is read."""
    read.append(b"{}")
    yield b"{}"


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Every method and path that the application serves."""
    return {
        (method, route.path or "")
        for route in iter_route_contexts(app.routes)
        for method in route.methods or {"MOUNT"}
    }


@pytest.mark.parametrize(("docs", "more"), [(True, DOCS), (False, set())])
def test_every_route_needs_a_scope_or_is_known_to_be_open(
    docs: bool, more: set[tuple[str, str]]
) -> None:
    expected = {*SCOPE_OF, *OPEN, *OF_PEOPLE, *WEBHOOKS, *more}
    assert routes_of(create_app(Settings(docs=docs))) == expected


def test_every_scope_is_documented(app: FastAPI) -> None:
    documented = {
        (method.upper(), path): operation.get("x-scope")
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
    }
    assert documented == {**SCOPE_OF, **dict.fromkeys(OPEN | WEBHOOKS_AS_DOCUMENTED)}


@pytest.fixture(scope="module")
async def door_of(app: FastAPI) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Programs with a key of one scope, and of all but one."""
    either = {scope: scope.split(" or ") for scope in (*SCOPES, *SCOPE_OF.values())}
    scopes_of = {
        **{scope: {parts[-1]} for scope, parts in either.items()},
        **{f"all but {scope}": {*SCOPES} - {*parts} for scope, parts in either.items()},
    }
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(
                program(app, await a_key(app.state.resources, name, sorted(scopes)))
            )
            for name, scopes in scopes_of.items()
        }


@GUARDED
async def test_without_a_key_nothing_is_served(
    stranger: httpx.AsyncClient, method: str, path: str
) -> None:
    read: list[bytes] = []
    answer = await stranger.request(method, somewhere(path), content=untouched(read))
    problem_in(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert read == []


@GUARDED
async def test_a_key_of_all_other_scopes_is_told_which_it_lacks(
    door_of: dict[str, httpx.AsyncClient], method: str, path: str
) -> None:
    scope, read = SCOPE_OF[method, path], []
    answer = await door_of[f"all but {scope}"].request(
        method, somewhere(path), content=untouched(read)
    )
    assert f"`{scope}`" in problem_in(answer, 403, "scope-missing")["detail"]
    assert read == []


@GUARDED
async def test_a_key_of_that_scope_alone_is_let_in(
    door_of: dict[str, httpx.AsyncClient], method: str, path: str
) -> None:
    if path.endswith("/stream"):
        return  # it has no end; tests/api/events/test_streams.py is let in
    answer = await door_of[SCOPE_OF[method, path]].request(method, somewhere(path))
    assert answer.status_code not in (401, 403, 405, 500)


@pytest.mark.parametrize(
    "sent",
    [
        *("", "Bearer", "Bearer ", "Bearer  ", "Bearer unknown", "Bearer \t", "Basic {secret}"),
        *("{secret}", "Bearer {secret}x", "Bearer {secret} {secret}", "Bearer: {secret}"),
        *("Bearer{secret}", 'Bearer "{secret}"', "Token {secret}", "Bearer {digest}"),
    ],
)
async def test_what_is_no_key_is_refused(
    app: FastAPI, stranger: httpx.AsyncClient, sent: str
) -> None:
    secret = await a_key(app.state.resources, "a key", SCOPES)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    headers = {"Authorization": sent.format(secret=secret, digest=digest)}
    answer = await stranger.get("/v1/queues", headers=headers)
    problem_in(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("sent", [b"Bearer \xff\xfe", b"Bearer " + b"k" * 100_000])
async def test_odd_bytes_are_no_key(stranger: httpx.AsyncClient, sent: bytes) -> None:
    answer = await stranger.get("/v1/queues", headers={b"Authorization": sent})
    problem_in(answer, 401, "unauthenticated")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_may_be_written_in_any_case(
    app: FastAPI, stranger: httpx.AsyncClient, scheme: str
) -> None:
    secret = await a_key(app.state.resources, "a key", ["read"])
    headers = {"Authorization": f"{scheme} {secret}"}
    assert (await stranger.get("/v1/queues", headers=headers)).status_code == 200


async def test_a_key_in_the_address_does_not_count(
    app: FastAPI, stranger: httpx.AsyncClient
) -> None:
    secret = await a_key(app.state.resources, "a key", SCOPES)
    answer = await stranger.get("/v1/queues", params={"key": secret, "authorization": secret})
    problem_in(answer, 401, "unauthenticated")


async def test_a_revoked_key_is_refused(app: FastAPI) -> None:
    resources: Resources = app.state.resources
    async with program(app, await a_key(resources, "crm", ["read"])) as crm:
        assert (await crm.get("/v1/queues")).status_code == 200
        async with resources.stores.database.transaction() as connection:
            assert await revoke_key(connection, "crm", NOON)
        resources.stores.directory.forget()
        problem_in(await crm.get("/v1/queues"), 401, "unauthenticated")


async def test_a_key_ends_the_one_of_the_same_name(app: FastAPI) -> None:
    resources: Resources = app.state.resources
    async with (
        program(app, await a_key(resources, "crm", ["read"])) as before,
        program(app, await a_key(resources, "crm", ["read", "admin"])) as after,
    ):
        problem_in(await before.get("/v1/queues"), 401, "unauthenticated")
        assert (await after.get("/v1/queues")).status_code == 200


async def test_a_key_that_was_revoked_can_be_given_anew(app: FastAPI) -> None:
    resources: Resources = app.state.resources
    async with program(app, await a_key(resources, "crm", ["read"])) as crm:
        async with resources.stores.database.transaction() as connection:
            await revoke_key(connection, "crm", NOON)
        await a_key(resources, "crm", ["read"])
        assert (await crm.get("/v1/queues")).status_code == 200


async def test_a_key_is_stored_as_a_digest_only(app: FastAPI) -> None:
    secret, database = new_secret(), app.state.resources.stores.database
    async with database.transaction() as connection:
        await put_key(connection, "hashed", secret, ["read"], NOON)
        found = "SELECT digest, api_keys::text FROM api_keys WHERE name = 'hashed'"
        digest, row = (await connection.execute(text(found))).one()
    assert digest == hashlib.sha256(secret.encode()).digest()
    assert secret.removeprefix("nl_") not in row
    assert secret.encode().hex() not in row


async def test_a_stored_key_cannot_be_shown_again(app: FastAPI) -> None:
    secret = await a_key(app.state.resources, "shown once", ["read"])
    async with app.state.resources.stores.database.transaction() as connection:
        existing = {key.name: key for key in await list_keys(connection)}
    assert existing["shown once"].opens(digest_of(secret), NOON)
    assert secret not in repr(existing)


async def test_two_keys_are_never_the_same() -> None:
    secrets = {new_secret() for _ in range(1000)}
    assert len(secrets) == 1000
    assert {len(secret) for secret in secrets} == {46}


@pytest.mark.parametrize(
    ("path", "answered"),
    [
        ("/healthz", {"status": "ok"}),
        ("/readyz", {"status": "ready", "storage": "ok", "line": "ok"}),
    ],
)
async def test_health_is_open_and_says_nothing_else(
    stranger: httpx.AsyncClient, path: str, answered: dict[str, str]
) -> None:
    answer = await stranger.get(path)
    assert (answer.status_code, answer.json()) == (200, answered)


@pytest.mark.parametrize("path", ["/docs", "/docs/oauth2-redirect", "/openapi.json", STATIC])
async def test_docs_are_open_where_they_are_wanted(stranger: httpx.AsyncClient, path: str) -> None:
    assert (await stranger.get(path)).status_code == 200
    async with program(create_app(Settings(docs=False))) as closed:
        problem_in(await closed.get(path), 404, "not-found")


async def test_docs_come_without_a_content_network(stranger: httpx.AsyncClient) -> None:
    assert "https://" not in (await stranger.get("/docs")).text
