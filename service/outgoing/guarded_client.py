"""Requests to addresses that others gave us: checked, bounded, without redirects or proxies.

The connection goes to the same address that was checked. The name is not resolved again, so it
cannot mean another address in between. TLS and `Host` still use the name.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from service.leads.errors import Unanswered
from service.outgoing.addresses import check_url, resolve
from service.outgoing.resolver import Resolver

SECONDS = 20.0  # from the look-up of the name to the last byte
CONNECT_SECONDS = 10.0
MAX_ANSWER_BYTES = 64 * 1024
MAX_CONNECTIONS = 1000  # more than 50 hanging subscriptions use
IDLE_CONNECTIONS, IDLE_SECONDS = 20, 30.0


@dataclass(frozen=True, slots=True)
class OutgoingReply:
    """The answer of another system: header names in lower case, and the beginning of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class GuardedClient:
    """Posts to other companies' systems."""

    def __init__(self, pool: httpcore.AsyncConnectionPool, *, private: bool) -> None:
        self._pool, self._private = pool, private

    def check(self, url: str, field: str = "url") -> None:
        """Raise InvalidRequest for an address that `post` would refuse."""
        check_url(url, private=self._private, field=field)

    async def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> OutgoingReply:
        """Post, and wait at most 20 seconds for an answer of any status.

        A redirect is an answer like any other. Raises Unanswered with a reason that quotes nothing
        of the request, and InvalidRequest for an address that `check` refuses.
        """
        self.check(url)
        try:
            async with asyncio.timeout(SECONDS):
                return await self._post(url, body, headers, max_bytes)
        except (TimeoutError, httpcore.TimeoutException):
            raise Unanswered(f"There was no answer within {SECONDS:.0f} seconds.") from None
        except httpcore.ConnectError:
            raise Unanswered("The host does not take connections, or has no valid TLS.") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
            raise Unanswered("The connection broke, or the answer was no HTTP.") from None

    async def _post(
        self, url: str, body: bytes, headers: Mapping[str, str], max_bytes: int
    ) -> OutgoingReply:
        parts = httpx.URL(url)
        target = httpcore.URL(
            scheme=parts.raw_scheme,
            host=parts.raw_host,
            port=parts.port,
            target=parts.raw_path,
        )
        whole = {
            "Host": parts.netloc.decode(),
            "Accept-Encoding": "identity",
            "Content-Length": str(len(body)),
            **headers,
        }
        async with self._pool.stream(
            "POST", target, headers=list(whole.items()), content=body
        ) as answer:
            given = {name.decode("latin-1").lower(): value for name, value in answer.headers}
            return OutgoingReply(
                answer.status,
                {name: value.decode("latin-1") for name, value in given.items()},
                await _bounded(answer.aiter_stream(), max_bytes),
            )


@asynccontextmanager
async def open_guarded_client(*, private: bool) -> AsyncIterator[GuardedClient]:
    """A client for requests to others; `private` allows private networks."""
    with closing(Resolver()) as names:
        pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=IDLE_CONNECTIONS,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_PinnedBackend(names, private=private),
        )
        async with pool:
            yield GuardedClient(pool, private=private)


class _PinnedBackend(httpcore.AsyncNetworkBackend):
    """Connects only to addresses that were checked."""

    def __init__(self, names: Resolver, *, private: bool) -> None:
        self._names, self._private = names, private
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that accepts; raises Unanswered."""
        failure: Exception | None = None
        async with asyncio.timeout(CONNECT_SECONDS):
            for address in await resolve(host, port, self._names, private=self._private):
                try:
                    return await self._backend.connect_tcp(address, port, timeout)
                except httpcore.ConnectError as error:
                    failure = error
        raise failure or httpcore.ConnectError()

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Raise UnsupportedProtocol: an address from others is never a file."""
        raise httpcore.UnsupportedProtocol

    async def sleep(self, seconds: float) -> None:
        """Wait between retries of the pool; none are configured."""
        await self._backend.sleep(seconds)


async def _bounded(stream: AsyncIterator[bytes], max_bytes: int) -> bytes:
    """The beginning of an answer's body; the rest is not read."""
    body = bytearray()
    async for chunk in stream:
        body += chunk
        if len(body) >= max_bytes:
            break
    return bytes(body[:max_bytes])
