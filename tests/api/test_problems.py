"""What goes wrong is answered as a problem document that gives nothing away."""

import asyncio
import logging
import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from doors import (
    Newcomer,
    a_key,
    do,
    hang_up,
    opened,
    post_lead,
    post_raw,
    problem_in,
    program,
    rows,
    seen,
    take_next,
    until,
)
from driven_clock import DrivenClock
from fastapi import FastAPI
from gate import Gate
from pydantic import SecretStr
from sqlalchemy import text
from structlog.testing import capture_logs

from service.api.problems import PROBLEMS
from service.connections.ending import ENDING
from service.connections.refusals import REFUSALS
from service.leads.errors import LineLost, LineUnavailable, NextleadError
from service.main import create_app
from service.resources import Resources
from service.settings import Settings
from service.storage.api_keys import SCOPES

ERRORS = Path(__file__).parents[2] / "docs" / "api.md"
LEAD = "01970000-0000-7000-8000-000000000000"
PHONE, NAME, WORDS = "+79161234567", "Ирина Тайная", "никому не говорите"
SECRETS = (PHONE, PHONE[1:], NAME, WORDS, "Тайная", "не говорите")
SAID = {"customer": {"phone": PHONE, "name": NAME}, "text": WORDS}


def kinds_of_errors(of: type[NextleadError] = NextleadError) -> Iterator[type[NextleadError]]:
    """Every class of error that is raised: those that have no others below them, or a type."""
    for kind in of.__subclasses__():
        if kind in PROBLEMS or not kind.__subclasses__():
            yield kind
        yield from kinds_of_errors(kind)


@pytest.mark.parametrize("kind", [*kinds_of_errors()], ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_and_a_stable_type(kind: type[NextleadError]) -> None:
    status, end = PROBLEMS[kind]
    assert 400 <= status < 600
    assert re.fullmatch("[a-z]+(-[a-z]+)*", end)


def test_no_two_errors_share_a_type_unless_they_are_the_same_to_a_client() -> None:
    own = {end for kind, (_, end) in PROBLEMS.items() if kind is not LineLost}
    assert len(own) == len(PROBLEMS) - 1
    assert PROBLEMS[LineLost] == PROBLEMS[LineUnavailable]


def test_the_page_on_the_api_names_every_type_with_its_status() -> None:
    table = ERRORS.read_text("utf-8").partition("| status | `urn:nextlead:problem:…` |")[2]
    named = set()
    for row in table.partition("\n\n")[0].splitlines():
        statuses, kinds = ([*row.split("|"), "", ""])[1:3]
        for kind in re.findall("`([a-z]+(?:-[a-z]+)*)`", kinds):
            named |= {(int(status), kind) for status in re.findall(r"\d{3}", statuses)}
    of_connections = {(status, kind) for status, kind, _, _ in (*REFUSALS, ENDING)}
    without_error = {(404, "not-found"), (405, "method-not-allowed"), (500, "internal")}
    without_error |= of_connections
    assert {*PROBLEMS.values()} | without_error <= named
    assert {kind for _, kind in named} == {kind for _, kind in {*PROBLEMS.values()} | without_error}


@pytest.mark.parametrize(
    "path",
    ["/v1", "/v2/leads", "/v1/lead", "/nowhere", "/v1/leads/a/b", "/metrics/x", "/%00", "/🚗"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_what_is_not_there_is_not_found(
    door: httpx.AsyncClient, method: str, path: str
) -> None:
    problem_in(await door.request(method, path), 404, "not-found")


async def test_leads_that_nobody_knows_are_not_found(door: httpx.AsyncClient) -> None:
    for path in ("", "/events", "/explanation"):
        answer = await door.get(f"/v1/leads/{LEAD}{path}")
        assert LEAD in problem_in(answer, 404, "lead-not-found")["detail"]
    for verb, more in (("renew", {}), ("release", {}), ("settle", {"outcome": "lost"})):
        answer = await door.post(f"/v1/leads/{LEAD}/{verb}", json={"token": "t", **more})
        problem_in(answer, 404, "lead-not-found")


ALLOWED = [
    ("DELETE", "/v1/leads", "GET, HEAD, POST"),
    ("OPTIONS", "/v1/leads", "GET, HEAD, POST"),
    ("TRACE", "/v1/leads", "GET, HEAD, POST"),
    ("PURGE", "/v1/leads", "GET, HEAD, POST"),
    ("POST", f"/v1/leads/{LEAD}", "GET, HEAD, PATCH"),
    ("DELETE", "/v1/leads/no-id", "GET, HEAD, PATCH"),
    ("GET", f"/v1/leads/{LEAD}/settle", "POST"),
    ("GET", "/v1/operators/anna/next", "POST"),
    ("POST", "/v1/operators/anna", "DELETE, GET, HEAD, PATCH, PUT"),
    ("POST", "/v1/operators/anna/queue", "GET, HEAD"),
    ("PUT", "/v1/queues", "GET, HEAD"),
    ("GET", "/v1/queues/main", "PATCH, PUT"),
    ("POST", "/healthz", "GET, HEAD"),
    ("POST", "/docs", "GET, HEAD"),
    ("POST", "/openapi.json", "GET, HEAD"),
    ("POST", "/static-offline-docs/swagger-ui.css", "GET, HEAD"),
]


@pytest.mark.parametrize(("method", "path", "allowed"), ALLOWED)
async def test_another_method_is_told_which_are_allowed(
    door: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await door.request(method, path)
    problem = problem_in(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == allowed
    assert method in problem["detail"]
    assert allowed in problem["detail"]


async def test_every_documented_path_allows_its_methods(
    app: FastAPI, door: httpx.AsyncClient
) -> None:
    for path, operations in app.openapi()["paths"].items():
        if path.startswith("/webhooks/"):
            continue  # it is for each adapter to say
        address = path.format(
            **{"lead_id": LEAD, "operator": "anna", "queue": "main", "version": 1},
            **{"external_id": "c-1", "adapter": "mango", "source": "shop", "delivery_id": LEAD},
            **{"subscription": "crm", "number": 1, "name": "crm", "merge_id": LEAD},
        )
        answer = await door.request("TRACE", address)
        problem_in(answer, 405, "method-not-allowed")
        allowed = {*map(str.upper, operations), *(("HEAD",) if "get" in operations else ())}
        assert answer.headers["allow"] == ", ".join(sorted(allowed))


async def test_what_nobody_thought_of_is_answered_without_details(
    settings: Settings, resources: Resources, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with program(broken_app(settings, resources)) as client:
        with capture_logs() as logged:
            answer = await client.get("/broken")
    problem = problem_in(answer, 500, "internal")
    assert set(problem) == {"type", "title", "status", "detail", "request_id"}
    assert answer.headers["x-request-id"] == problem["request_id"]
    assert "retry-after" not in answer.headers
    assert not found_in(answer.text, "RuntimeError", "broken", "Traceback")
    assert [item["event"] for item in logged] == ["request.failed"]
    assert logged[0]["error"] == "RuntimeError"
    assert not found_in(caplog.text + str(logged), *SECRETS)


def broken_app(settings: Settings, resources: Resources) -> FastAPI:
    """The application with a route that fails, quoting a client."""
    app = create_app(settings)
    app.state.resources = resources

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError(f"{NAME} {PHONE} {WORDS}")

    return app


def found_in(where: str, *what: str) -> list[str]:
    return [item for item in what if item in where]


@asynccontextmanager
async def refusing(resources: Resources) -> AsyncIterator[None]:
    """Let Postgres refuse these words, quoting the row that has them, as it always does."""
    database = resources.stores.database
    hush = f"CHECK (text <> '{WORDS}' AND (note IS NULL OR note <> '{WORDS}'))"
    refuse = f"ALTER TABLE leads ADD CONSTRAINT hush {hush}"
    async with database.transaction() as connection:
        await connection.execute(text(refuse))
    yield
    async with database.transaction() as connection:
        await connection.execute(text("ALTER TABLE leads DROP CONSTRAINT hush"))


async def test_what_postgres_refuses_is_answered_without_details(
    client: httpx.AsyncClient, resources: Resources, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with refusing(resources):
        with capture_logs() as logged:
            answer = await client.post("/v1/leads", json={"channel": "vk", **SAID})
    problem_in(answer, 500, "internal")
    assert not found_in(answer.text, "hush", "CheckViolation", "asyncpg", "leads", *SECRETS)
    assert "CheckViolationError 23514 hush" in str(logged)
    assert not found_in(caplog.text + str(logged), *SECRETS)


@pytest.mark.parametrize(
    ("verb", "sent", "logged_of_it"),
    [
        ("settle", {"outcome": "won", "amount": 5}, "CheckViolationError 23514 hush"),
        ("transfer", {"operator": "boris"}, "UPDATE leads"),
    ],
)
async def test_an_end_that_postgres_refuses_leaves_the_claim_as_it_was(
    client: httpx.AsyncClient,
    resources: Resources,
    caplog: pytest.LogCaptureFixture,
    verb: str,
    sent: dict[str, Any],
    logged_of_it: str,
) -> None:
    await post_lead(client, text="pads")
    lead = await take_next(client)
    async with refusing(resources):
        with capture_logs() as logged, caplog.at_level(logging.DEBUG, "sqlalchemy.engine"):
            answer = await do(client, lead, verb, note=WORDS, **sent)
    problem_in(answer, 500, "internal")
    assert logged_of_it in caplog.text + str(logged)
    assert not found_in(caplog.text + str(logged) + answer.text, *SECRETS)
    assert (await seen(client, lead))["claim"] == {**lead["claim"], "token": None}


async def test_a_refused_lead_takes_no_other_of_its_batch_along(
    client: httpx.AsyncClient, resources: Resources
) -> None:
    async with refusing(resources):
        bodies = [{"channel": "vk", "text": WORDS if n == 7 else str(n)} for n in range(20)]
        posts = [client.post("/v1/leads", json=body) for body in bodies]
        statuses = [answer.status_code for answer in await asyncio.gather(*posts)]
    assert statuses == [500 if n == 7 else 201 for n in range(20)]
    assert (await rows(resources))["leads"] == 19


FAILING: list[tuple[str, dict[str, Any], int]] = [
    ("a wrong value", {"channel": "vk", **SAID, "urgency": WORDS}, 422),
    ("an unknown field", {"channel": "vk", **SAID, "phone": PHONE}, 422),
    ("a wrong phone", {"channel": "vk", "customer": {"phone": PHONE * 10, "name": [NAME]}}, 422),
    ("a wrong channel", {"channel": NAME, **SAID}, 422),
    ("an unknown queue", {"channel": "vk", "queue": "hush", **SAID}, 422),
    ("a time to come", {"channel": "vk", "received_at": "2030-01-01T00:00:00Z", **SAID}, 422),
    ("a body too large", {"channel": "vk", **SAID, "attributes": {"a": "x" * 300_000}}, 413),
]


@pytest.mark.parametrize(
    ("body", "status"), [item[1:] for item in FAILING], ids=[item[0] for item in FAILING]
)
async def test_no_log_tells_of_the_client_of_a_failed_request(
    door: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, body: dict[str, Any], status: int
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logged:
        answer = await door.post("/v1/leads", json=body)
    assert answer.status_code == status
    assert not found_in(caplog.text + str(logged), *SECRETS)


async def test_no_log_tells_of_the_client_of_a_malformed_body(
    door: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logged:
        answer = await post_raw(door, "/v1/leads", f'{{"text": "{WORDS} {PHONE}'.encode())
    problem_in(answer, 400, "malformed-body")
    assert not found_in(caplog.text + str(logged) + answer.text, *SECRETS)


@pytest.fixture(scope="module")
async def gate_and_app(
    settings: Settings, clock: DrivenClock
) -> AsyncIterator[tuple[Gate, FastAPI]]:
    """The application behind a gate to the database."""
    assert settings.database_url is not None
    with tempfile.TemporaryDirectory(prefix="gate-") as here:
        gate = Gate(settings.database_url.get_secret_value(), here)
        await gate.open()
        app = create_app(settings.model_copy(update={"database_url": SecretStr(gate.url)}), clock)
        async with opened(app):
            yield gate, app
        gate.shut()


@pytest.fixture
async def cut_off(
    gate_and_app: tuple[Gate, FastAPI], resources: Resources
) -> AsyncIterator[httpx.AsyncClient]:
    """A program of all scopes, whose service has just lost the database."""
    gate, app = gate_and_app
    secret = await a_key(resources, "cut off", SCOPES)
    app.state.resources.stores.directory.forget()
    async with program(app, secret) as client:
        assert (await client.get("/readyz")).json()["storage"] == "ok"
        await post_lead(client)
        gate.shut()
        yield client
        await gate.open()


NEEDS_STORAGE: list[tuple[str, str, dict[str, Any] | None]] = [
    ("POST", "/v1/leads", {"channel": "vk", **SAID}),
    ("GET", "/v1/leads", None),
    ("GET", f"/v1/leads/{LEAD}", None),
    ("POST", f"/v1/leads/{LEAD}/claim", {"operator": "anna"}),
    ("POST", f"/v1/leads/{LEAD}/settle", {"token": "t", "outcome": "won"}),
    ("POST", "/v1/operators/anna/next", None),
    ("POST", "/v1/operators/anna/next?wait=30", None),
    ("POST", "/v1/operators/anna/next?on_top=true", None),
    ("POST", f"/v1/leads/{LEAD}/call", {"event": "hung_up"}),
    ("POST", f"/v1/leads/{LEAD}/details", {"token": "t", "note": "n"}),
    ("GET", "/v1/operators/anna/queue", None),
    ("PUT", "/v1/operators/anna", {}),
    ("PUT", "/v1/operators/anna/presence", {"status": "offline"}),
    ("GET", "/v1/operators", None),
    ("GET", "/v1/queues", None),
    ("GET", "/v1/queues/main/stats", None),
]


async def test_without_the_database_a_caller_is_asked_to_come_again(
    cut_off: httpx.AsyncClient, resources: Resources, caplog: pytest.LogCaptureFixture
) -> None:
    before = await rows(resources)
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logged:
        for method, path, body in NEEDS_STORAGE:
            answer = await cut_off.request(method, path, json=body)
            problem_in(answer, 503, "storage-unavailable")
            assert answer.headers["retry-after"] == "1"
            assert not found_in(answer.text, "Error", "asyncpg", "host", "gate-")
    refused = [event for event in logged if event["event"] == "request.failed"]  # chores fail, too
    assert len(refused) == len(NEEDS_STORAGE)
    assert not found_in(caplog.text + str(logged), *SECRETS)
    assert await rows(resources) == before


async def test_without_the_database_the_process_lives_and_is_not_ready(
    cut_off: httpx.AsyncClient,
) -> None:
    assert (await cut_off.get("/healthz")).status_code == 200
    ready = await cut_off.get("/readyz")
    assert ready.status_code == 503
    assert ready.json() == {"status": "away", "storage": "away", "line": "ok"}


async def test_a_lead_that_could_not_be_confirmed_is_served_when_the_database_is_back(
    gate_and_app: tuple[Gate, FastAPI], resources: Resources, client: httpx.AsyncClient
) -> None:
    gate, app = gate_and_app
    lead = await post_lead(client)
    async with program(app, await a_key(resources, "cut off", SCOPES)) as cut_off:
        await cut_off.get("/v1/operators/anna")
        gate.shut()
        problem_in(await cut_off.post("/v1/operators/anna/next"), 503, "storage-unavailable")
        await gate.open()
        assert (await take_next(cut_off, "anna"))["id"] == lead["id"]
        await post_lead(cut_off)


async def test_without_redis_leads_are_taken_in_and_served_all_the_same(
    settings: Settings, clock: DrivenClock, resources: Resources, tmp_path: Path
) -> None:
    nowhere = SecretStr(f"unix://{tmp_path}/nobody.sock")
    app = create_app(settings.model_copy(update={"redis_url": nowhere}), clock)
    secret = await a_key(resources, "lineless", SCOPES)
    async with opened(app), program(app, secret) as client:
        lesser, better = await post_lead(client, budget=1), await post_lead(client, budget=2)
        line = await client.get("/v1/operators/anna/queue")
        served = await client.post("/v1/operators/anna/next")
        ready = await client.get("/readyz")
    assert line.headers["nextlead-line"] == served.headers["nextlead-line"] == "degraded"
    assert [item["id"] for item in line.json()["leads"]] == [better["id"], lesser["id"]]
    assert served.json()["id"] == better["id"]
    assert (ready.status_code, ready.json()["line"]) == (200, "degraded")


async def test_too_many_waiting_operators_are_asked_to_come_again(
    settings: Settings, clock: DrivenClock, resources: Resources
) -> None:
    app = create_app(settings.model_copy(update={"max_waiters": 1}), clock)
    secret = await a_key(resources, "waiters", SCOPES)
    async with opened(app) as own, program(app, secret) as client:
        waiting = asyncio.create_task(client.post("/v1/operators/anna/next?wait=30"))
        await until(lambda: own.arrivals._waiters)
        refused = await client.post("/v1/operators/boris/next?wait=30")
        problem_in(refused, 503, "overloaded")
        assert refused.headers["retry-after"] == "1"
        assert (await client.post("/v1/operators/boris/next")).status_code == 204
        await hang_up(waiting)


async def test_a_key_without_a_scope_is_named_and_its_secret_is_not(newcomer: Newcomer) -> None:
    stranger = await newcomer("intake", name="crm")
    answer = await stranger.get("/v1/leads")
    assert "`crm`" in problem_in(answer, 403, "scope-missing")["detail"]
    assert stranger.headers["authorization"].removeprefix("Bearer ") not in answer.text
