"""The client's address behind a proxy: from `Forwarded` (RFC 7239) or `X-Forwarded-For`.

Each proxy adds a hop at the end. Only what trusted proxies wrote is believed, so the chain is read
from its end, and ends itself at the first hop that is no proxy or cannot be read.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from service.connections.bounded_protocol import is_trusted

# The port may be hidden behind a name (RFC 7239, section 6.2).
BRACKETED_OR_WITH_PORT = re.compile(r"\[([^\]]+)\](?::[\w.-]+)?|([\d.]+):[\w.-]+")
MAX_HOPS = 20


class ForwardedClient:
    """Replaces the proxy's address by the client's, as trusted proxies report it."""

    def __init__(self, app: ASGIApp, trusted: str) -> None:
        self._app, self._trusted = app, trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with the client's address and scheme if a trusted proxy sent it."""
        if scope["type"] == "http" and self._trusted:
            client = scope.get("client")
            if client is not None and is_trusted(client[0], self._trusted):
                self._believe(scope)
        await self._app(scope, receive, send)

    def _believe(self, scope: Scope) -> None:
        """Set what the headers agree on: proxies pass on the one that they do not write."""
        headers = scope["headers"]
        elements = list(_items(headers, b"forwarded"))
        chains = [
            [_parameter(element, "for") for element in elements],
            list(_items(headers, b"x-forwarded-for")),
        ]
        clients = {self._nearest_client(chain) for chain in chains if any(chain)}
        proto = [_parameter(element, "proto") for element in elements]
        schemes = {
            next((item.lower() for item in reversed(chain) if item), None)
            for chain in (proto, list(_items(headers, b"x-forwarded-proto")))
        } - {None}
        if len(clients) == 1 and (address := clients.pop()) is not None:
            scope["client"] = (address, 0)
        if len(schemes) == 1 and (scheme := schemes.pop()) in ("http", "https"):
            scope["scheme"] = scheme

    def _nearest_client(self, chain: list[str]) -> str | None:
        """The last hop that is no proxy; the last proxy when no hop before it can be believed."""
        nearest = None
        for hop in reversed(chain[-MAX_HOPS:]):
            address = _address(hop)
            if address is None:
                break
            nearest = address
            if not is_trusted(address, self._trusted):
                break
        return nearest


def is_forwarded(scope: Scope) -> bool:
    """Whether a request says that a proxy passed it on."""
    return any(name in (b"forwarded", b"x-forwarded-for") for name, _ in scope["headers"])


def _items(headers: list[tuple[bytes, bytes]], wanted: bytes) -> Iterator[str]:
    for name, value in headers:
        if name == wanted:
            yield from (item.strip() for item in value.decode("latin-1").split(","))


def _parameter(element: str, wanted: str) -> str:
    """A parameter of an element of `Forwarded`, without quotes; empty when it has none."""
    for pair in element.split(";"):
        name, _, value = pair.partition("=")
        if name.strip().lower() == wanted:
            return value.strip().strip('"')
    return ""


def _address(hop: str) -> str | None:
    found = BRACKETED_OR_WITH_PORT.fullmatch(hop)
    try:
        address = ip_address(hop if found is None else found[1] or found[2])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
