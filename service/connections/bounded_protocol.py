"""HTTP/1.1 with limits: uvicorn's protocol has none for heads, bodies and connections."""

import asyncio
import json
from collections.abc import Iterator, MutableMapping
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.connections.ending import PREFIX, ending
from service.connections.limits import (
    BODY_SILENCE_SECONDS,
    HEAD_SECONDS,
    LEAST_BODY_RATE,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_URL_BYTES,
    PIECE_BYTES,
    SWEEP_SECONDS,
)
from service.connections.registry import Registry

CONNECTION = "nextlead.connection"

HEAD_TOO_LARGE = (
    431,
    "head-too-large",
    "The request's head is too large",
    f"At most {MAX_HEAD_BYTES} bytes and {MAX_HEADERS} headers are taken. Send fewer headers.",
)
ADDRESS_TOO_LONG = (
    414,
    "address-too-long",
    "The request's address is too long",
    f"At most {MAX_URL_BYTES} bytes are taken. Send long values in a body.",
)
TOO_SLOW = (
    408,
    "request-too-slow",
    "The request came too slowly",
    f"A head has {HEAD_SECONDS:g} seconds; a body may pause for {BODY_SILENCE_SECONDS:g}.",
)
FULL = (
    503,
    "overloaded",
    "Too many requests are waiting",
    "There are too many connections. Open fewer of them, or try again in a moment.",
)
REFUSALS = (HEAD_TOO_LARGE, ADDRESS_TOO_LONG, TOO_SLOW, FULL)
Refusal = tuple[int, str, str, str]

NEW, HEAD, BODY, ANSWERING = range(4)

registry = Registry()


def prove(scope: MutableMapping[str, Any]) -> None:
    """Count the connection of a request as proven: a key, session or signature was valid."""
    connection = (scope.get("extensions") or {}).get(CONNECTION)
    if connection is not None:
        connection.prove()


def end_connection(scope: MutableMapping[str, Any]) -> bool:
    """Close a request's connection at once and drop unread answers; False without a connection."""
    connection = (scope.get("extensions") or {}).get(CONNECTION)
    if connection is not None:
        connection.end()
    return connection is not None


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with refusals of large heads, slow senders and too many strangers."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Admit a connection, or answer 503 at once."""
        super().connection_made(transport)
        self.opened_at = self._since = self.loop.time()
        self._phase, self._head_bytes, self._body_bytes = NEW, 0, 0
        self._refusal: Refusal | None = None
        self._address = _counted_address(self.client, self.config.forwarded_allow_ips)
        if not registry.admit(self, self._address, self.opened_at):
            self._refuse(FULL)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        registry.forget(self, self._address)
        super().connection_lost(exc)

    def prove(self) -> None:
        """The connection no longer counts against its address."""
        registry.prove(self, self._address)

    def is_idle(self) -> bool:
        """Whether none of its requests is being answered."""
        return self._phase != ANSWERING

    def end(self) -> None:
        """Close the connection at once."""
        self.transport.abort()

    def check_time(self, now: float) -> None:
        """End the connection when its head or body takes too long."""
        if self.transport.is_closing():
            return
        is_head_slow = self._phase in (NEW, HEAD) and now - self._since > HEAD_SECONDS
        if is_head_slow or (self._phase == BODY and self._is_body_slow(now)):
            self._refuse(TOO_SLOW)

    def shutdown(self) -> None:
        """The process ends, so waiting callers must be answered now."""
        ending.begin()
        super().shutdown()

    def data_received(self, data: bytes) -> None:
        """Parse the data in pieces, so that no limit is exceeded by much."""
        for piece in _pieces(data):
            if self.transport.is_closing() or self.parser is None:
                return
            if self._phase in (NEW, HEAD):
                self._head_bytes += len(piece)
            else:
                self._last_at = self.loop.time()
            super().data_received(piece)
            if self._phase == HEAD and self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(HEAD_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        if self._phase != NEW:
            self._since, self._head_bytes = self.loop.time(), 0
        self._phase = HEAD
        self.scope["extensions"] = {CONNECTION: self}  # type: ignore[dict-item]

    def on_url(self, url: bytes) -> None:
        """A part of the address; raises ValueError when it is too long, which ends the parsing."""
        if len(self.url) + len(url) > MAX_URL_BYTES:
            self._refusal = ADDRESS_TOO_LONG
            raise ValueError("address too long")
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; raises ValueError when there are too many, which ends the parsing."""
        if len(self.headers) >= MAX_HEADERS:
            self._refusal = HEAD_TOO_LARGE
            raise ValueError("too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head ends; a body may follow."""
        self._since = self._last_at = self.loop.time()
        self._phase, self._body_bytes = BODY, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._phase = ANSWERING
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse a request that could not be parsed; our own limits have their own answers."""
        if self._refusal is None:
            super().send_400_response(msg)
        else:
            self._refuse(self._refusal)

    def _is_body_slow(self, now: float) -> bool:
        if self.flow.read_paused:  # our own side has paused the reading
            self._since += SWEEP_SECONDS
            self._last_at = now
            return False
        taken = now - self._since
        too_slow = taken > BODY_SILENCE_SECONDS and self._body_bytes < taken * LEAST_BODY_RATE
        return now - self._last_at > BODY_SILENCE_SECONDS or too_slow

    def _refuse(self, refusal: Refusal) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            self.transport.write(_answer(refusal))
        self.transport.close()


def _pieces(data: bytes) -> Iterator[bytes]:
    if len(data) <= PIECE_BYTES:
        yield data
        return
    for begin in range(0, len(data), PIECE_BYTES):
        yield data[begin : begin + PIECE_BYTES]


def _answer(refusal: Refusal) -> bytes:
    status, name, title, detail = refusal
    problem = {"type": PREFIX + name, "title": title, "status": status, "detail": detail}
    body = json.dumps(problem).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        f"content-type: application/problem+json\r\ncontent-length: {len(body)}\r\n"
        "x-content-type-options: nosniff\r\ncache-control: no-store\r\n"
        f"{'retry-after: 1' + chr(13) + chr(10) if status == 503 else ''}connection: close\r\n\r\n"
    )
    return head.encode() + body


def _counted_address(client: tuple[str, int] | None, trusted: Any) -> str | None:
    """The peer's address; None for a trusted proxy and for a Unix socket."""
    if client is None or is_trusted(client[0], _as_text(trusted)):
        return None
    return client[0]


def _as_text(trusted: Any) -> str:
    return ",".join(trusted) if isinstance(trusted, list) else str(trusted or "")


@lru_cache(maxsize=10_000)
def is_trusted(address: str, trusted: str) -> bool:
    """Whether an address is one of the proxies: addresses and networks, separated by commas."""
    try:
        peer = ip_address(address)
        networks = [ip_network(item.strip(), strict=False) for item in trusted.split(",") if item]
    except ValueError:
        return False
    return any(peer in network for network in networks)
