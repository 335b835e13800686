"""The client's address behind a proxy: from `Forwarded` (RFC 7239), else `X-Forwarded-For`."""

import re
from ipaddress import ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from service.connections.bounded_protocol import is_trusted

FOR = re.compile(r'for="?\[?([0-9A-Fa-f.:]+?)\]?(?::\d+)?"?\s*(?:;|$)', re.IGNORECASE)
PROTO = re.compile(r'proto="?(https?)"?', re.IGNORECASE)
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
        headers = scope["headers"]
        hops, scheme = _forwarded(headers) or _x_forwarded(headers)
        for address in reversed(hops[-MAX_HOPS:]):
            if not is_trusted(address, self._trusted):
                scope["client"] = (address, 0)
                break
        if scheme in ("http", "https"):
            scope["scheme"] = scheme


def _forwarded(headers: list[tuple[bytes, bytes]]) -> tuple[list[str], str] | None:
    values = [value.decode("latin-1") for name, value in headers if name == b"forwarded"]
    if not values:
        return None
    elements = [element.strip() for value in values for element in value.split(",")]
    hops = [found[1] for element in elements if (found := FOR.search(element))]
    schemes = [found[1].lower() for element in elements if (found := PROTO.search(element))]
    return _addresses(hops), schemes[-1] if schemes else ""


def _x_forwarded(headers: list[tuple[bytes, bytes]]) -> tuple[list[str], str]:
    hops = [
        hop.strip()
        for name, value in headers
        if name == b"x-forwarded-for"
        for hop in value.decode("latin-1").split(",")
    ]
    schemes = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-proto"]
    return _addresses(hops), schemes[-1].strip().lower() if schemes else ""


def _addresses(hops: list[str]) -> list[str]:
    found = []
    for hop in hops:
        try:
            found.append(str(ip_address(hop.strip("[]"))))
        except ValueError:
            continue
    return found
