"""Wraps every request: its id, its trace, its log line, and HEAD wherever there is GET."""

import asyncio
import re
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import uuid_utils
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.logs import REQUEST_ID
from service.metrics.families import REQUEST_TIME, REQUESTS
from service.metrics.loop_watch import REQUESTS as REQUESTS_UNDER_WAY
from service.tracing.spans import (
    TRACEPARENT,
    OpenSpan,
    is_recording,
    span,
    traceparent,
    valid_traceparent,
)

HEADER, PARENT = b"x-request-id", b"traceparent"
# Longer ids are refused, and so are characters with a meaning to a terminal or a page.
SAFE = re.compile(rb"[A-Za-z0-9._:/=+@-]{1,128}")
UUID_FORM = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
WEBHOOKS = "/webhooks/"
PROBES = ("/healthz", "/readyz", "/metrics")
UNMATCHED, OTHER = "unmatched", "other"
Headers = tuple[tuple[bytes, bytes], ...]
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


# Defaults: pages set a policy of their own, and assets may be cached.
SECURE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NOTHING_RUNS = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
BEHIND_TLS = (b"strict-transport-security", b"max-age=31536000")


class Write(Protocol):
    """Writes an event with its fields to the log."""

    def __call__(self, event: str, *, level: str, **fields: object) -> None:
        """Write one line."""


class RequestLog:
    """The outermost layer of the application. Its only state is where the log goes."""

    def __init__(self, app: ASGIApp, write: Write | None, raw: Sequence[Route]) -> None:
        """Without `write`, no request is logged. `raw` are the routes that FastAPI lacks."""
        self._app, self._write = app, write
        self._patterns: dict[object, str] = {route.endpoint: route.path for route in raw}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request under its id, and log it without the values in its query or path."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer, task = _Answer(scope, send), asyncio.current_task()
        REQUESTS_UNDER_WAY[task] = self._route, answer.scope
        before = REQUEST_ID.set(answer.request_id)
        parent = TRACEPARENT.set(answer.traceparent)
        try:
            if is_recording():
                with span("request") as recorded:
                    await self._traced(answer, receive, recorded)
            else:
                await self._app(answer.scope, receive, answer.send)
        finally:
            REQUESTS_UNDER_WAY.pop(task, None)
            route, seconds = self._route(answer.scope), time.monotonic() - answer.began
            _count(answer, route, seconds)
            if self._write is not None:
                _log(self._write, answer, route, seconds)
            TRACEPARENT.reset(parent)
            REQUEST_ID.reset(before)

    async def _traced(self, answer: "_Answer", receive: Receive, recorded: OpenSpan) -> None:
        try:
            await self._app(answer.scope, receive, answer.send)
        finally:
            recorded.set("http.route", self._route(answer.scope))
            recorded.set("http.request.method", answer.method)
            recorded.set("http.response.status_code", answer.status)
            recorded.set("nextlead.request_id", answer.request_id)

    def _route(self, scope: Scope) -> str | None:
        """The pattern of the route. An address may hold a client's name or a secret token."""
        path: str | None = getattr(scope.get("route"), "path", None)
        return path or self._patterns.get(scope.get("endpoint", self))


class _Answer:
    """One request under way. Its id goes out with the answer, and a HEAD gets no body."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self.began = time.monotonic()
        self.raw_id, self.traceparent = _ids(scope)
        self.request_id = self.raw_id.decode()
        self.method = scope["method"]
        self.status = 500  # the status when an exception comes before any answer
        self._is_head = self.method == "HEAD" and not scope["path"].startswith(WEBHOOKS)
        self.scope = {**scope, "method": "GET"} if self._is_head else scope
        self.scope.setdefault("state", {})

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), (HEADER, self.raw_id)]
            headers += _secure(headers, is_tls=self.scope["scheme"] == "https")
            await self._send({**message, "headers": headers})
            if self._is_head:
                await self._send({"type": "http.response.body", "body": b""})
        elif not self._is_head:
            await self._send(message)


def _secure(given: Sequence[tuple[bytes, bytes]], *, is_tls: bool) -> Headers:
    """The headers that limit what a browser may do with an answer."""
    is_page = any(name == b"content-type" and b"html" in value for name, value in given)
    return _missing(tuple(name for name, _ in given), is_page=is_page, is_tls=is_tls)


@lru_cache(maxsize=256)
def _missing(names: tuple[bytes, ...], *, is_page: bool, is_tls: bool) -> Headers:
    """The same by the names of the headers that are given already."""
    found = [header for header in SECURE if header[0] not in names]
    if not is_page and NOTHING_RUNS[0] not in names:
        found.append(NOTHING_RUNS)
    return (*found, BEHIND_TLS) if is_tls else tuple(found)


def _ids(scope: Scope) -> tuple[bytes, str | None]:
    """The caller's request id when it is short and safe, else a new id; and the caller's trace."""
    request_id: bytes | None = None
    parent: str | None = None
    for name, value in scope["headers"]:
        if name == HEADER and SAFE.fullmatch(value):
            request_id = value
        elif name == PARENT:
            parent = valid_traceparent(value.decode("latin-1"))
    return request_id or uuid_utils.uuid7().hex.encode(), parent


def _count(answer: _Answer, route: str | None, seconds: float) -> None:
    template = route or UNMATCHED
    method = answer.method if answer.method in METHODS else OTHER
    REQUESTS.add(template, method, str(answer.status))
    REQUEST_TIME.observe(seconds, template, method)


def is_uuid(given: object) -> bool:
    """Whether a value has the form of a lead's id, and is no other text from the caller."""
    return UUID_FORM.fullmatch(str(given)) is not None


def _log(write: Write, answer: _Answer, route: str | None, seconds: float) -> None:
    path, status = answer.scope["path"], answer.status
    if path in PROBES and status < 400:
        return
    state, parent = answer.scope["state"], traceparent()
    key: Any = state.get("key")
    lead: Any = answer.scope.get("path_params", {}).get("lead_id") or state.get("lead_id")
    write(
        "request",
        level="info" if status < 500 else "error",
        method=answer.method,
        route=route,
        status=status,
        milliseconds=round(seconds * 1000, 1),
        key=getattr(key, "name", None),
        request_id=answer.request_id,
        **({"lead_id": str(lead)} if is_uuid(lead) else {}),
        **({"trace_id": parent.split("-")[1]} if parent else {}),
    )
