"""What every request has: an id, a line in the log, no unknown query parameter; and HEAD."""

import json
import logging
import re
from typing import Any

import httpx
import pytest
from doors import a_key, problem_in, program, wrong_fields
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from service.api import request_log
from service.logs import write_line
from service.main import create_app
from service.resources import Resources
from service.settings import Settings

LEAD = "01970000-0000-7000-8000-000000000000"
OURS = re.compile(r"[0-9a-f]{32}")
PHONE = "+79161234567"


@pytest.mark.parametrize("sent", ["a", "trace-7/2:x=y+z@h_1.2", "0" * 128])
async def test_a_request_id_that_is_sent_is_answered(client: httpx.AsyncClient, sent: str) -> None:
    headers = {"X-Request-Id": sent}
    served = await client.get("/v1/queues", headers=headers)
    assert served.headers["x-request-id"] == sent
    refused = await client.get(f"/v1/leads/{LEAD}", headers=headers)
    assert refused.headers["x-request-id"] == sent
    assert problem_in(refused, 404, "lead-not-found")["request_id"] == sent


@pytest.mark.parametrize("sent", ["", "0" * 129, "a b", "<b>", "a\tb", '"', "é", "a;b", "\x1b[31m"])
async def test_an_id_that_is_too_long_or_unsafe_is_not_taken(
    client: httpx.AsyncClient, sent: str
) -> None:
    answer = await client.get("/v1/queues", headers={"X-Request-Id": sent.encode("latin-1")})
    assert OURS.fullmatch(answer.headers["x-request-id"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/healthz"),
        ("GET", "/nowhere"),
        ("POST", "/v1/leads"),
        ("POST", "/v1/operators/anna/next"),
        ("DELETE", "/v1/queues"),
        ("POST", "/webhooks/none/such"),
        ("GET", "/openapi.json"),
    ],
)
async def test_every_answer_has_an_id_of_its_own(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    ids = [(await client.request(method, path)).headers.get_list("x-request-id") for _ in "12"]
    assert all(len(found) == 1 and OURS.fullmatch(found[0]) for found in ids)
    assert ids[0] != ids[1]


async def test_head_is_answered_wherever_get_is(app: FastAPI, client: httpx.AsyncClient) -> None:
    for path in ("/v1/queues", "/v1/operators/anna", f"/v1/leads/{LEAD}", "/healthz", "/docs"):
        got, head = await client.get(path), await client.head(path)
        assert head.status_code == got.status_code, path
        assert head.content == b""
        assert head.headers["content-type"] == got.headers["content-type"]
        if got.status_code == 200:
            assert head.headers["content-length"] == got.headers["content-length"]
    assert (await client.head("/v1/operators/anna/next")).status_code == 405
    streamed = await client.head("/v1/leads/export")
    assert (streamed.status_code, streamed.content) == (200, b"")


class Written:
    """What was logged of requests."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def __call__(self, event: str, *, level: str, **fields: object) -> None:
        self.lines.append({"event": event, "level": level, **fields})


def request_log_in(app: FastAPI) -> request_log.RequestLog:
    """The part of the application that logs requests."""
    part: Any = app.middleware_stack
    while not isinstance(part, request_log.RequestLog):
        part = part._app
    return part


@pytest.fixture
def written(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Written:
    found = Written()
    monkeypatch.setattr(request_log_in(app), "_write", found)
    return found


async def test_a_request_is_one_line_without_its_query_and_names(
    client: httpx.AsyncClient, written: Written
) -> None:
    await client.get(f"/v1/customers/{PHONE}", headers={"X-Request-Id": "call-1"})
    await client.get("/v1/leads", params={"text": PHONE})
    await client.post("/webhooks/telegram/bot/secret-token")
    await client.post("/v1/leads", json={"channel": "phone"})
    await client.get(f"/{PHONE}")
    await client.get("/signin/link/secret-token")
    first, *_ = written.lines
    milliseconds = first.pop("milliseconds")
    assert 0 <= milliseconds < 60_000
    assert first == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "route": "/v1/customers/{external_id}",
        "status": 404,
        "key": "tests",
        "request_id": "call-1",
    }
    assert [line["route"] for line in written.lines[1:]] == [
        "/v1/leads",
        "/webhooks/{address:path}",
        "/v1/leads",
        None,
        "/signin/link/{secret}",
    ]
    assert [line["status"] for line in written.lines[1:]][:4] == [422, 404, 201, 404]
    assert PHONE not in str(written.lines)
    assert "secret-token" not in str(written.lines)


async def test_a_probe_that_is_answered_is_not_logged(
    client: httpx.AsyncClient, written: Written
) -> None:
    await client.get("/healthz")
    await client.get("/readyz")
    assert written.lines == []


async def test_what_fails_is_logged_and_answered_with_its_id(settings: Settings) -> None:
    app = create_app(settings)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError(PHONE)

    app.middleware_stack = app.build_middleware_stack()
    request_log_in(app)._write = written = Written()
    async with program(app) as client:
        answer = await client.get("/broken?who=nobody")
    request_id = problem_in(answer, 500, "internal")["request_id"]
    assert answer.headers["x-request-id"] == request_id
    (line,) = written.lines
    assert (line["status"], line["level"], line["route"]) == (500, "error", "/broken")
    assert line["request_id"] == request_id
    assert PHONE not in str(line)
    assert "nobody" not in str(line)


def test_a_line_is_written_only_where_its_level_is_wanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = logging.root.level
    logging.root.setLevel(logging.WARNING)
    write_line("request", level="info", status=200)
    write_line("request", level="error", status=500)
    logging.root.setLevel(before)
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["status"] == 500
    assert json.loads(line)["timestamp"].endswith("Z")


async def test_a_misspelt_parameter_is_refused_with_the_nearest_one(
    client: httpx.AsyncClient,
) -> None:
    for path, wrong, near in (
        ("/v1/leads", "sate", "`state`"),
        ("/v1/leads", "Limit", "`limit`"),
        ("/v1/queues/main/events", "curser", "`cursor`"),
        ("/v1/operators/anna/queue", "limits", "`limit`"),
    ):
        answer = await client.get(path, params={wrong: "waiting", "limit": "5"})
        (mistake,) = problem_in(answer, 422, "invalid-request")["errors"]
        assert mistake["field"] == wrong
        assert near in mistake["remedy"]


async def test_the_calls_of_the_raw_door_refuse_unknown_parameters_too(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/v1/operators/anna/next", params={"wiat": "5"})
    assert "`wait`" in problem_in(answer, 422, "invalid-request")["errors"][0]["remedy"]
    assert wrong_fields(await client.post("/v1/leads?queue=main", json={"channel": "vk"})) == [
        "queue"
    ]


async def test_every_route_below_v1_refuses_an_unknown_parameter(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    names = {"lead_id": LEAD, "version": "1", "number": "1", "delivery_id": LEAD, "queue": "main"}
    tried = 0
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        if not path.startswith("/v1/"):
            continue
        address = re.sub(r"\{(\w+)[^}]*\}", lambda part: names.get(part[1], "x"), path)
        for method in route.methods or ():
            answer = await client.request(method, address, params={"no_such_name": "1"}, json={})
            assert wrong_fields(answer) == ["no_such_name"], (method, path)
            tried += 1
    assert tried > 60


async def test_parameters_that_are_declared_are_taken_and_the_key_is_looked_at_first(
    app: FastAPI, client: httpx.AsyncClient, resources: Resources
) -> None:
    good = await client.get("/v1/leads", params={"state": "waiting", "limit": 2})
    assert good.status_code == 200
    secret = await a_key(resources, "sender", ["intake"])
    async with program(app, secret) as sender:
        problem_in(await sender.get("/v1/leads?sate=1"), 403, "scope-missing")
    async with program(app) as stranger:
        problem_in(await stranger.get("/v1/leads?sate=1"), 401, "unauthenticated")


async def test_many_and_long_unknown_names_are_answered_in_bounds(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get(
        "/v1/leads", params={f"{'x' * 500}{number}": 1 for number in range(99)}
    )
    fields = wrong_fields(answer)
    assert len(fields) <= 20
    assert all(len(field) <= 64 for field in fields)


async def test_webhooks_take_any_parameter(client: httpx.AsyncClient) -> None:
    answer = await client.post("/webhooks/none/such?anything=1")
    problem_in(answer, 404, "source-not-found")


def test_ids_are_bounded() -> None:
    assert request_log.SAFE.fullmatch(b"x" * 129) is None


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_every_answer_tells_a_browser_how_little_it_may_do(app: FastAPI, scheme: str) -> None:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://nextlead") as stranger:
        for path in (
            "/healthz",
            "/v1/leads",
            "/nowhere",
            "/webhooks/mango/x",
            "/openapi.json",
            "/",
        ):
            headers = (await stranger.get(path)).headers
            assert headers.get_list("x-content-type-options") == ["nosniff"]
            assert headers.get_list("cache-control") == ["no-store"]
            assert len(headers.get_list("referrer-policy")) == 1
            (policy,) = headers.get_list("content-security-policy")
            assert policy.startswith("default-src 'none'")
            assert "frame-ancestors 'none'" in policy
            assert ("strict-transport-security" in headers) == (scheme == "https")
