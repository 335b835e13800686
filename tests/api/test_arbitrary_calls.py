"""Every documented call with what openapi.yaml allows and refuses, by schemathesis."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from doors import a_key, post_lead, problem_in, wrong_fields
from fastapi import FastAPI
from lacking import LACKING

from service.resources import Resources
from service.storage.api_keys import SCOPES

DOCUMENT = Path(__file__).parents[2] / "openapi.yaml"
PROGRAM = Path(sys.executable).with_name("schemathesis")
# Keys are tested with every scope and binding in test_keys.py and test_bound_keys.py; rules between
# fields, which a schema cannot say, are why a call that fits it may be refused with 422; without
# If-Match 428 is right (RFC 6585), of which schemathesis does not know.
LEFT_OUT = "ignored_auth,positive_data_acceptance,missing_required_header"
ENDLESS = "/stream$"
INSTALLED = pytest.mark.skipif(not PROGRAM.exists(), reason=f"{LACKING} schemathesis")
LEAD = "01970000-0000-7000-8000-000000000000"


@pytest.fixture
async def served(app: FastAPI, resources: Resources) -> AsyncIterator[tuple[str, ...]]:
    """The options that name the application at a port, and a key; its lifespan is begun already."""
    secret = await a_key(resources, "arbitrary", SCOPES)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve([listener]))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield "--url", address, "--header", f"Authorization: Bearer {secret}"
    server.should_exit = True
    await serving


async def find_faults(*options: str) -> None:
    """Fail with what schemathesis found, and how to ask for it again."""
    which = ("--checks", "all", "--exclude-checks", LEFT_OUT, "--exclude-path-regex", ENDLESS)
    how = (
        "--generation-deterministic",
        "--continue-on-failure",
        "--no-shrink",
        "--warnings",
        "off",
    )
    process = await asyncio.create_subprocess_exec(
        *(str(PROGRAM), "run", str(DOCUMENT), *which, *how, *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd="/",
    )
    try:
        out, _ = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    if process.returncode != 0:
        pytest.fail(out.decode(), pytrace=False)


@INSTALLED
async def test_no_call_breaks_what_is_documented(served: tuple[str, ...]) -> None:
    few = ("--phases", "examples,fuzzing", "--max-examples", "2", "--max-time", "20")
    await find_faults(*served, *few)


@INSTALLED
@pytest.mark.more
@pytest.mark.timeout(900)
async def test_no_call_breaks_what_is_documented_however_long_it_is_tried(
    served: tuple[str, ...],
) -> None:
    await find_faults(*served, "--max-examples", "20", "--max-time", "300")


@pytest.mark.parametrize("method", ["PATCH"])
@pytest.mark.parametrize("path", ["export", "import", "bulk"])
async def test_an_address_of_its_own_is_no_leads_id(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await client.request(method, f"/v1/leads/{path}", json={"budget": 5})
    problem_in(answer, 405, "method-not-allowed")
    assert method not in answer.headers["allow"]


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", "/v1/keys/tests/rotate", {"overlap_hours": 660.0}),
        ("PUT", "/v1/operators/olga", {"capacity": 3.0, "capacity_by_kind": {"chat": 1.0}}),
        ("PUT", "/v1/operators/olga", {"skills": ["vip", "vip"]}),
        ("POST", "/v1/leads", {"channel": "email", "show": {"guests": 20.0}}),
    ],
)
async def test_a_whole_number_may_be_written_with_a_point_and_a_name_twice(
    client: httpx.AsyncClient, method: str, path: str, sent: dict[str, Any]
) -> None:
    assert (await client.request(method, path, json=sent)).is_success


@pytest.mark.parametrize("hours", [True, False, "24", 1.5, -1, 721, None])
async def test_anything_else_is_no_whole_number(client: httpx.AsyncClient, hours: object) -> None:
    answer = await client.post("/v1/keys/tests/rotate", json={"overlap_hours": hours})
    assert wrong_fields(answer) == ["overlap_hours"]


async def test_an_empty_queue_is_no_queue(client: httpx.AsyncClient) -> None:
    for path in ("/v1/leads/export", "/v1/leads"):
        assert wrong_fields(await client.get(path, params={"queue": ""})) == ["queue"]


async def test_a_token_with_nul_is_named(client: httpx.AsyncClient) -> None:
    lead = await post_lead(client)
    answer = await client.post(f"/v1/leads/{lead['id']}/renew", json={"token": "a\0"})
    assert wrong_fields(answer) == ["token"]


async def test_a_merge_that_never_was_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"/v1/customers/merge/{LEAD}/undo", json={"reason": "x"})
    problem_in(answer, 404, "customer-not-found")
