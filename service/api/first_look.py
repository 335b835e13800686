"""Counts every request, and refuses floods of those that anybody may send, at little cost."""

from typing import cast

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.problems import problem_of
from service.connections.bounded_protocol import is_trusted
from service.connections.forwarded import is_forwarded
from service.leads.errors import RateLimit, TooManyUnproven
from service.resources import Resources

WAITING = ("/next", "/stream")  # they wait for what comes, and cost nothing meanwhile
OPEN = ("/healthz", "/readyz", "/", "/signin")
BELOW_OPEN = "/signin/"


class FirstLook:
    """The layer that every request passes before it is known what it asks for."""

    def __init__(self, inner: ASGIApp, app: FastAPI, trusted: str) -> None:
        """`trusted` are the proxies, which ask for their own sake how the process is."""
        self._inner, self._app, self._trusted = inner, app, trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or answer that its address sends too many."""
        resources = cast(Resources | None, getattr(self._app.state, "resources", None))
        if scope["type"] != "http" or resources is None:  # there is nothing to guard yet
            await self._inner(scope, receive, send)
            return
        if self._is_open(scope) and not resources.open_admission.spend(scope["client"][0]):
            limit = RateLimit("open", resources.open_admission.per_second)
            refused = TooManyUnproven("Ask less often, or wait a second.", limit)
            await problem_of(refused)(scope, receive, send)
        elif scope["path"].endswith(WAITING):
            await self._inner(scope, receive, send)
        else:
            with resources.crowd.entered():
                await self._inner(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        """Whether a request is one that anybody may send, and not from a proxy itself."""
        path, client = scope["path"], scope.get("client")
        if client is None or not (path in OPEN or path.startswith(BELOW_OPEN)):
            return False
        # what a proxy passes on counts, also when it does not say for whom
        return is_forwarded(scope) or not is_trusted(client[0], self._trusted)
