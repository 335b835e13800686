"""Around every request: its id, its line in the log, and HEAD wherever there is GET."""

import re
import time
from collections.abc import Sequence
from typing import Any, Protocol

import uuid_utils
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.logs import REQUEST_ID
from service.metrics.families import REQUEST_TIME, REQUESTS

HEADER = b"x-request-id"
# Longer ids, and those with characters that mean something to a terminal or a page, are not taken.
SAFE = re.compile(rb"[A-Za-z0-9._:/=+@-]{1,128}")
WEBHOOKS = "/webhooks/"
PROBES = ("/healthz", "/readyz", "/metrics")
UNMATCHED, OTHER = "unmatched", "other"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Write(Protocol):
    """Writes an event with its fields to the log."""

    def __call__(self, event: str, *, level: str, **fields: object) -> None:
        """Write one line."""


class RequestLog:
    """The outermost part of the application; it has no state but the way to the log."""

    def __init__(self, app: ASGIApp, write: Write | None, raw: Sequence[Route]) -> None:
        """Without `write` nothing is logged of requests; `raw` are routes that FastAPI lacks."""
        self._app, self._write = app, write
        self._patterns: dict[object, str] = {route.endpoint: route.path for route in raw}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request under its id, and log it without what its query or path says."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        before = REQUEST_ID.set(answer.request_id.decode())
        try:
            await self._app(answer.scope, receive, answer.send)
        finally:
            route, seconds = self._route(answer.scope), time.monotonic() - answer.began
            _count(answer, route, seconds)
            if self._write is not None:
                _log(self._write, answer, route, seconds)
            REQUEST_ID.reset(before)

    def _route(self, scope: Scope) -> str | None:
        """The route's pattern: names in an address may be a client's, and tokens are secrets."""
        path: str | None = getattr(scope.get("route"), "path", None)
        return path or self._patterns.get(scope.get("endpoint", self))


class _Answer:
    """One request on its way: its id goes out with the answer, and a HEAD gets no body."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self.began = time.monotonic()
        self.request_id, self.method = _request_id(scope), scope["method"]
        self.status = 500  # what is answered when nothing was sent before an exception
        self._is_head = self.method == "HEAD" and not scope["path"].startswith(WEBHOOKS)
        self.scope = {**scope, "method": "GET"} if self._is_head else scope
        self.scope.setdefault("state", {})

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), (HEADER, self.request_id)]
            await self._send({**message, "headers": headers})
            if self._is_head:
                await self._send({"type": "http.response.body", "body": b""})
        elif not self._is_head:
            await self._send(message)


def _request_id(scope: Scope) -> bytes:
    """The caller's id where it is short and safe, else a new one."""
    for name, value in scope["headers"]:
        if name == HEADER and SAFE.fullmatch(value):
            found: bytes = value
            return found
    return uuid_utils.uuid7().hex.encode()


def _count(answer: _Answer, route: str | None, seconds: float) -> None:
    template = route or UNMATCHED
    method = answer.method if answer.method in METHODS else OTHER
    REQUESTS.add(template, method, str(answer.status))
    REQUEST_TIME.observe(seconds, template, method)


def _log(write: Write, answer: _Answer, route: str | None, seconds: float) -> None:
    path, status = answer.scope["path"], answer.status
    if path in PROBES and status < 400:
        return
    key: Any = answer.scope["state"].get("key")
    write(
        "request",
        level="info" if status < 500 else "error",
        method=answer.method,
        route=route,
        status=status,
        milliseconds=round(seconds * 1000, 1),
        key=getattr(key, "name", None),
        request_id=answer.request_id.decode(),
    )
