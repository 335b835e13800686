"""Keys that are bound: to an operator, to queues, to sources, to a time."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from doors import post_lead, problem_in, program, secret_of, take_next
from driven_clock import NOON, DrivenClock
from fastapi import FastAPI

from service.leads.binding import Binding
from service.resources import Resources
from service.storage.api_keys import SCOPES, bind_key, put_key

BINDINGS = {
    "operator": Binding(operator="anna"),
    "queue": Binding(queues=frozenset({"main"})),
    "source": Binding(sources=frozenset({"site"})),
    "expired": Binding(expires_at=NOON),
}
LEAD = {"channel": "whatsapp", "queue": "spb", "source": "site-b"}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/leads": LEAD,
    "/v1/leads/bulk": {"filter": {"queue": "spb"}, "action": "unassign", "reason": "x"},
    "/v1/wishes/arrived": {"goods": ["x"], "queue": "spb"},
}
# What has nothing of a queue or a client in it, and what is cut down to what the key reaches.
ANYWHERE = {
    *(("GET", path) for path in ("/v1/rules", "/v1/policy/schema", "/v1/adapters")),
    *(("GET", path) for path in ("/v1/adapters/{adapter}", "/v1/queues", "/v1/operators")),
    *(("GET", "/v1/customers"), ("POST", "/v1/customers/find"), ("POST", "/v1/leads/import")),
}
REFUSED = {(403, "key-bound"), (404, "lead-not-found"), (404, "customer-not-found")}


async def bound(
    app: FastAPI, name: str, binding: Binding, scopes: tuple[str, ...] = SCOPES
) -> httpx.AsyncClient:
    """A program whose key is bound so."""
    resources: Resources = app.state.resources
    secret = secret_of(name, scopes)
    async with resources.stores.database.transaction() as connection:
        await put_key(connection, name, secret, scopes, NOON)
        await bind_key(connection, name, binding)
    resources.stores.directory.forget()
    return program(app, secret)


@pytest.fixture
async def elsewhere(client: httpx.AsyncClient) -> dict[str, Any]:
    """Another queue with an operator of its own, who holds a lead there."""
    assert (await client.put("/v1/queues/spb", json={})).status_code == 201
    assert (await client.put("/v1/operators/nora", json={"queues": ["spb"]})).status_code == 201
    await client.put("/v1/customers/c-9", json={"name": "Ivan"})
    customer = {"external_id": "c-9", "phone": "+79161112233"}
    await post_lead(client, queue="spb", customer=customer, source="shop")
    return await take_next(client, "nora")


@pytest.fixture
async def anna(app: FastAPI, client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    scopes = ("operate", "read", "personal")
    async with await bound(app, "annas", BINDINGS["operator"], scopes) as program_of_anna:
        yield program_of_anna


def place(path: str, lead_id: str) -> str:
    """An address of the other queue."""
    return path.format(
        **{"lead_id": lead_id, "operator": "nora", "queue": "spb", "version": 1},
        **{"external_id": "c-9", "adapter": "mango", "source": "shop", "delivery_id": lead_id},
        **{"subscription": "crm", "number": 1, "name": "tests", "merge_id": lead_id},
    )


def expected(operation: dict[str, Any], scope: str, kind: str, route: tuple[str, str]) -> set[Any]:
    """What a key of one scope, bound so, may be answered elsewhere than where it is for."""
    if kind == "expired":
        return {(401, "unauthenticated")}
    if scope not in operation["x-scope"].split(" or "):
        return {(403, "scope-missing")}
    if route in ANYWHERE and kind != "source":
        return set()
    if kind == "source" and "intake" in operation["x-scope"] and "customer" not in route[1]:
        return {(403, "key-bound")} if route == ("POST", "/v1/leads") else set()
    return REFUSED


@pytest.mark.parametrize("kind", BINDINGS)
async def test_every_route_with_every_scope_is_closed_elsewhere(
    app: FastAPI, elsewhere: dict[str, Any], kind: str
) -> None:
    wrong = []
    for scope in SCOPES:
        async with await bound(app, f"{kind} {scope}", BINDINGS[kind], (scope,)) as door:
            for path, operations in app.openapi()["paths"].items():
                for method, operation in operations.items():
                    route = (method.upper(), path)
                    if "x-scope" not in operation:
                        continue
                    wanted = expected(operation, scope, kind, route)
                    if not wanted:
                        continue
                    body = BODIES.get(path) if method == "post" else None
                    address = place(path, elsewhere["id"])
                    answer = await door.request(route[0], address, json=body)
                    kind_of = answer.json().get("type", "").rpartition(":")[2]
                    if (answer.status_code, kind_of) not in wanted:
                        wrong.append((scope, *route, answer.status_code, kind_of))
    assert wrong == []


async def test_where_it_is_for_an_operators_key_does_all_that_they_do(
    anna: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    customer = {"external_id": "c-1", "phone": "+79160000001"}
    await post_lead(client, customer=customer)
    lead = await take_next(anna)
    of_lead, token = f"/v1/leads/{lead['id']}", {"token": lead["claim"]["token"]}
    assert (await anna.get(of_lead)).json()["claim"]["token"] == token["token"]
    assert (await anna.get("/v1/leads", params={"queue": "main"})).json()["leads"]
    assert (await anna.get("/v1/customers", params={"number": "c-1"})).json()["customers"]
    assert (await anna.get("/v1/customers/c-1")).status_code == 200
    assert (await anna.put("/v1/operators/anna/presence", json={"status": "online"})).is_success
    assert (await anna.post(f"{of_lead}/renew", json=token)).status_code == 200
    note = {"note": "calls at six", "operator": "anna"}
    assert (await anna.post(f"{of_lead}/notes", json=note)).status_code == 200
    end = {**token, "outcome": "won", "amount": "10", "note": "x"}
    assert (await anna.post(f"{of_lead}/settle", json=end)).status_code == 200
    assert (await anna.post(f"{of_lead}/undo", json=token)).status_code == 200


async def test_an_operators_key_is_nobody_else(
    anna: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    await post_lead(client)
    lead = await take_next(client, "boris")
    token = lead["claim"]["token"]
    of_lead = f"/v1/leads/{lead['id']}"
    problem_in(await anna.post("/v1/operators/boris/next"), 403, "key-bound")
    problem_in(await anna.get("/v1/operators/boris/leads"), 403, "key-bound")
    away = {"status": "offline"}
    problem_in(await anna.put("/v1/operators/boris/presence", json=away), 403, "key-bound")
    problem_in(await anna.post(f"{of_lead}/claim", json={"operator": "boris"}), 403, "key-bound")
    note = {"note": "x", "operator": "boris"}
    problem_in(await anna.post(f"{of_lead}/notes", json=note), 403, "key-bound")
    for verb, more in (("renew", {}), ("settle", {"outcome": "won", "amount": "9"})):
        answer = await anna.post(f"{of_lead}/{verb}", json={"token": token, **more})
        problem_in(answer, 403, "key-bound")
    shown = (await anna.get(of_lead)).json()  # A22: every operator sees what is done
    assert shown["claim"]["operator"] == "boris"
    assert shown["claim"]["token"] is None


async def test_an_operators_key_sees_clients_of_their_queues_only(
    anna: httpx.AsyncClient, client: httpx.AsyncClient, elsewhere: dict[str, Any]
) -> None:
    for question in ({"number": "c-9"}, {"phone": "+79161112233"}):
        assert (await client.get("/v1/customers", params=question)).json()["customers"]
        assert (await anna.get("/v1/customers", params=question)).json() == {"customers": []}
        assert (await anna.post("/v1/customers/find", json=question)).json() == {"customers": []}
    problem_in(await anna.get("/v1/customers/c-9"), 404, "customer-not-found")
    names = [item["name"] for item in (await anna.get("/v1/operators")).json()["operators"]]
    assert names == ["anna", "boris"]
    assert [item["name"] for item in (await anna.get("/v1/queues")).json()["queues"]] == ["main"]
    problem_in(await anna.get("/v1/leads"), 403, "key-bound")
    problem_in(await anna.get("/v1/leads", params={"queue": "spb"}), 403, "key-bound")


async def test_an_operators_queues_are_those_of_this_moment(
    anna: httpx.AsyncClient, client: httpx.AsyncClient, elsewhere: dict[str, Any]
) -> None:
    problem_in(await anna.get(f"/v1/leads/{elsewhere['id']}"), 404, "lead-not-found")
    await client.put("/v1/operators/anna", json={"queues": ["main", "spb"]})
    assert (await anna.get(f"/v1/leads/{elsewhere['id']}")).status_code == 200
    await client.delete("/v1/operators/anna")
    problem_in(await anna.get(f"/v1/leads/{elsewhere['id']}"), 404, "lead-not-found")


async def test_a_token_is_shown_to_its_holder_alone(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    await post_lead(client)
    lead = await take_next(client, "boris")
    of_lead = f"/v1/leads/{lead['id']}"
    assert (await client.get(of_lead)).json()["claim"]["token"] is None
    (listed,) = (await client.get("/v1/leads")).json()["leads"]
    assert listed["claim"]["token"] is None
    (held,) = (await client.get("/v1/operators/boris/leads")).json()["leads"]
    assert held["claim"]["token"] == lead["claim"]["token"]
    async with await bound(app, "b", Binding(operator="boris"), ("operate", "read")) as boris:
        shown = (await boris.get(of_lead)).json()
    assert shown["claim"]["token"] == lead["claim"]["token"]


async def test_a_key_of_a_queue_makes_nobody_who_serves_another(
    app: FastAPI, client: httpx.AsyncClient, elsewhere: dict[str, Any]
) -> None:
    binding = Binding(queues=frozenset({"spb"}))
    async with await bound(app, "spb", binding, ("supervise", "operate")) as head:
        assert (await head.put("/v1/operators/olga", json={"queues": ["spb"]})).status_code == 201
        for body in ({}, {"queues": ["main"]}, {"queues": ["spb", "main"]}):
            answer = await head.put("/v1/operators/vera", json=body)
            problem_in(answer, 403, "key-bound")
        problem_in(await head.delete("/v1/operators/boris"), 403, "key-bound")
        problem_in(await head.post("/v1/operators/boris/next"), 403, "key-bound")
        many = {"filter": {"ids": [elsewhere["id"]]}, "action": "unassign", "reason": "x"}
        problem_in(await head.post("/v1/leads/bulk", json=many), 403, "key-bound")


async def test_what_a_sender_leaves_out_is_its_keys_only_queue_and_source(
    app: FastAPI, client: httpx.AsyncClient, elsewhere: dict[str, Any]
) -> None:
    binding = Binding(queues=frozenset({"spb"}), sources=frozenset({"site"}))
    async with await bound(app, "form", binding, ("intake",)) as form:
        lead = await post_lead(form, external_id="1")
        assert (lead["queue"], lead["source"]) == ("spb", "site")
        for sent in ({"queue": "main"}, {"source": "other"}):
            answer = await form.post("/v1/leads", json={"channel": "whatsapp", **sent})
            problem_in(answer, 403, "key-bound")
        lines = b'{"channel":"email"}\n{"channel":"email","source":"other"}\n'
        done = await form.post("/v1/leads/import", content=lines, params={"format": "ndjson"})
        assert (done.json()["created"], done.json()["failed"]) == (1, 1)
        lines = b'{"channel":"email","queue":"main"}'
        done = await form.post("/v1/leads/import", content=lines, params={"format": "ndjson"})
        assert done.json()["failed"] == 1
        assert (await form.patch(f"/v1/leads/{lead['id']}", json={"budget": 9})).is_success


async def test_a_key_ends_at_its_time_and_its_name_is_free_again(
    client: httpx.AsyncClient, app: FastAPI, clock: DrivenClock
) -> None:
    until = (NOON + timedelta(hours=1)).isoformat()
    wanted = {"name": "guest", "scopes": ["read"], "expires_at": until}
    made = (await client.post("/v1/keys", json=wanted)).json()
    assert made["expires_at"] == f"{NOON + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    async with program(app, made["secret"]) as guest:
        assert (await guest.get("/v1/queues")).status_code == 200
        clock.moment += timedelta(hours=1)
        problem_in(await guest.get("/v1/queues"), 401, "unauthenticated")
    problem_in(await client.post("/v1/keys", json=wanted), 422, "invalid-request")
    again = {"name": "guest", "scopes": ["read"]}
    assert (await client.post("/v1/keys", json=again)).status_code == 201


async def test_keys_are_listed_with_what_they_are_bound_to_and_when_they_were_used(
    client: httpx.AsyncClient, app: FastAPI, clock: DrivenClock
) -> None:
    wanted = {"name": "annas", "scopes": ["operate"], "operator": "anna", "queues": ["main"]}
    made = (await client.post("/v1/keys", json=wanted)).json()
    assert (made["operator"], made["queues"], made["sources"]) == ("anna", ["main"], None)
    assert made["used_at"] is None
    clock.moment += timedelta(minutes=5)
    async with program(app, made["secret"]) as anna:
        assert (await anna.get("/v1/operators/anna")).status_code == 200
    keys = {key["name"]: key for key in (await client.get("/v1/keys")).json()["keys"]}
    assert keys["annas"]["used_at"] == f"{clock.moment:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"operator": "anna", "scopes": ["operate", "supervise"]}, "scopes"),
        ({"operator": "nobody", "scopes": ["operate"]}, "operator"),
        ({"queues": ["nowhere"], "scopes": ["read"]}, "queues"),
        ({"queues": [], "scopes": ["read"]}, "queues"),
        ({"queues": ["main"], "scopes": ["metrics"]}, "scopes"),
        ({"sources": ["site"], "scopes": ["intake", "read"]}, "scopes"),
        ({"expires_at": "2020-01-01T00:00:00Z", "scopes": ["read"]}, "expires_at"),
    ],
)
async def test_a_binding_that_cannot_be_is_refused(
    client: httpx.AsyncClient, sent: dict[str, Any], field: str
) -> None:
    answer = await client.post("/v1/keys", json={"name": "odd", **sent})
    mistakes = problem_in(answer, 422, "invalid-request")["errors"]
    assert field in [mistake["field"].partition(".")[0] for mistake in mistakes]


@pytest.mark.parametrize("kind", ["operator", "queue", "source"])
async def test_a_bound_key_merges_no_clients_even_of_its_own_queue(
    app: FastAPI, client: httpx.AsyncClient, kind: str
) -> None:
    """A client may have leads in other queues, too."""
    for number in ("c-1", "c-2"):
        await client.put(f"/v1/customers/{number}", json={"name": number})
    wanted = {"into": "c-1", "from": "c-2", "reason": "x"}
    async with await bound(app, f"merging {kind}", BINDINGS[kind]) as door:
        problem_in(await door.post("/v1/customers/merge", json=wanted), 403, "key-bound")
        done = (await client.post("/v1/customers/merge", json=wanted)).json()
        of_merge = f"/v1/customers/merge/{done['merge']}/undo"
        problem_in(await door.post(of_merge, json={"reason": "x"}), 403, "key-bound")
        mark = {"mark": "phone:+79161234567", "reason": "x"}
        problem_in(await door.post("/v1/customers/marks/block", json=mark), 403, "key-bound")
