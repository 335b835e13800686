"""HTTP/1.1 with limits: uvicorn's protocol has none for heads, bodies and connections."""

import asyncio
from collections.abc import Iterator, MutableMapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.connections.ending import ending
from service.connections.limits import (
    ANSWER_SILENCE_SECONDS,
    BODY_SILENCE_SECONDS,
    CHUNK_RATIO,
    HEAD_SECONDS,
    LEAST_BODY_RATE,
    MAX_CHUNK_BYTES,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_PIPELINED,
    MAX_URL_BYTES,
    PIECE_BYTES,
    SWEEP_SECONDS,
)
from service.connections.pipelining import OneAfterAnother
from service.connections.refusals import (
    ADDRESS_TOO_LONG,
    FULL,
    HEAD_TOO_LARGE,
    MALFORMED,
    TOO_SLOW,
    Refusal,
    answer_of,
)
from service.connections.registry import Registry

CONNECTION = "nextlead.connection"

NEW, HEAD, BODY, ANSWERING, ANSWERED = range(5)
NOTHING_UNREAD = 2**63

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
        self.flow = OneAfterAnother(transport, self.pipeline)
        self._unread, self._read_at = NOTHING_UNREAD, 0.0
        self.opened_at = self._since = self._last_at = self.loop.time()
        self._phase, self._head_bytes, self._body_bytes, self._sent_bytes = NEW, 0, 0, 0
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
        """End the connection when its head, its body or the reading of answers takes too long."""
        if self._is_unread(now):
            self.transport.abort()
        if self.transport.is_closing():
            return
        if self.flow.read_paused:  # our own side has paused the reading
            self._since += SWEEP_SECONDS
            self._last_at = now
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
                self._sent_bytes += len(piece)
            super().data_received(piece)
            if self._phase == HEAD and self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(HEAD_TOO_LARGE)
            if self._phase == BODY and self._is_mostly_frames():
                self._refuse(MALFORMED)

    def resume_writing(self) -> None:
        """The client has read what was written."""
        self._unread = NOTHING_UNREAD
        super().resume_writing()

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
        """The head ends; a body may follow. Raises ValueError when it is not well-formed."""
        if len(self.pipeline) >= MAX_PIPELINED or not self._is_well_formed():
            raise ValueError("malformed head")
        self._since = self._last_at = self.loop.time()
        self._phase, self._body_bytes, self._sent_bytes = BODY, 0, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._phase = ANSWERING
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is complete; the connection is idle if no other request is on it."""
        if self._phase == ANSWERING and not self.pipeline:
            self._phase = ANSWERED
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse a request that could not be parsed; our own limits have their own answers."""
        self._refuse(self._refusal or MALFORMED)

    def _is_well_formed(self) -> bool:
        """Whether a head names one host, and no coding of the body that would stay undecoded."""
        names = [name for name, _ in self.headers]
        coded = [value for name, value in self.headers if name == b"transfer-encoding"]
        hosts = names.count(b"host")
        has_host = hosts == 1 or (hosts == 0 and self.parser.get_http_version() != "1.1")
        return has_host and all(value.lower() == b"chunked" for value in coded)

    def _is_mostly_frames(self) -> bool:
        """Whether a chunked body is little else than the sizes and extensions of its chunks."""
        frames = self._sent_bytes - self._body_bytes
        return frames > MAX_CHUNK_BYTES + CHUNK_RATIO * self._body_bytes

    def _is_unread(self, now: float) -> bool:
        """Whether the client has read nothing of a waiting answer for too long."""
        unread = self.transport.get_write_buffer_size()
        waits = unread and (self.flow.write_paused or self.transport.is_closing())
        if not waits or unread < self._unread:
            self._unread, self._read_at = unread if waits else NOTHING_UNREAD, now
        return now - self._read_at > ANSWER_SILENCE_SECONDS

    def _is_body_slow(self, now: float) -> bool:
        taken = now - self._since
        too_slow = taken > BODY_SILENCE_SECONDS and self._body_bytes < taken * LEAST_BODY_RATE
        return now - self._last_at > BODY_SILENCE_SECONDS or too_slow

    def _refuse(self, refusal: Refusal) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            self.transport.write(answer_of(refusal))
        self.transport.close()


def _pieces(data: bytes) -> Iterator[bytes]:
    if len(data) <= PIECE_BYTES:
        yield data
        return
    for begin in range(0, len(data), PIECE_BYTES):
        yield data[begin : begin + PIECE_BYTES]


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
