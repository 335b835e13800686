"""Every problem and header that a test meets must be declared beside its route."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import httpx
import orjson
import pytest

from service.api.document.sharing import problems_of
from service.api.problems import PREFIX, PROBLEM
from service.main import create_app
from service.settings import Settings

# docs/api.md tells of them once.
OF_EVERY_ANSWER = {
    *("content-type", "content-length", "vary", "x-request-id"),
    *("cache-control", "x-accel-buffering"),
    *("x-content-type-options", "referrer-policy", "content-security-policy"),
    *("cross-origin-resource-policy", "strict-transport-security"),
}
Paths = list[tuple[re.Pattern[str], str, dict[str, Any]]]


@lru_cache
def document() -> dict[str, Any]:
    return create_app(Settings()).openapi()


def shared_response(status: int) -> dict[str, Any]:
    """A response that many operations have."""
    shared: dict[str, Any] = document()["components"]["responses"][str(status)]
    return shared


@lru_cache
def documented() -> Paths:
    """Each documented path as a pattern, those without parameters first."""
    paths = document()["paths"]
    ordered = sorted(paths, key=lambda path: path.count("{"))
    return [
        (re.compile(re.sub(r"\{[a-z_]+\}", "[^/]+", path)), path, paths[path]) for path in ordered
    ]


def operation_at(method: str, address: str) -> tuple[str, dict[str, Any]] | None:
    """The documented path that serves an address by a method, and its operation.

    None for a method that a path without parameters does not take.
    """
    for pattern, path, operations in documented():
        if pattern.fullmatch(address):
            if method.lower() in operations:
                return path, operations[method.lower()]
            if path == address:
                return None
    return None


def check_declared(request: httpx.Request, body: bytes) -> None:
    """Fail where an operation is answered with a problem that it does not declare."""
    found = operation_at(request.method, request.url.path)
    if found is not None:
        path, operation = found
        kind = str(orjson.loads(body)["type"]).removeprefix(PREFIX)
        remedy = f"{request.method} {path} does not declare `{kind}`: add it to `raises`"
        assert kind in problems_of(operation), remedy


def check_headers(request: httpx.Request, answer: httpx.Response) -> None:
    """Fail where an operation is answered with a header that it does not document."""
    found = operation_at(request.method, request.url.path)
    if found is not None:
        path, operation = found
        documented_ones = operation["responses"].get(str(answer.status_code), {})
        if "$ref" in documented_ones:
            documented_ones = shared_response(answer.status_code)
        names = {name.lower() for name in documented_ones.get("headers", {})}
        others = set(answer.headers) - names - OF_EVERY_ANSWER
        assert not others, (
            f"{request.method} {path} {answer.status_code} does not document {others}"
        )


@pytest.fixture(scope="session", autouse=True)
def problems_are_declared() -> Iterator[None]:
    """Look at every answer that the application gives to a test."""
    ask = httpx.ASGITransport.handle_async_request

    async def looked_at(transport: httpx.ASGITransport, request: httpx.Request) -> httpx.Response:
        answer = await ask(transport, request)
        check_headers(request, answer)
        if answer.headers.get("content-type") != PROBLEM:
            return answer
        body = b"".join([part async for part in answer.stream])  # type: ignore[union-attr]
        if body:
            check_declared(request, body)
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.ASGITransport, "handle_async_request", looked_at)
        yield
