"""`/metrics` for Prometheus, with a key or on a separate port that only this machine reaches."""

import asyncio
from functools import partial

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.dependencies import StrictRoute, needs, resources_of
from service.cached import Cached
from service.connections.bounded_protocol import prove
from service.flows.upkeep.view_metrics import Figures, set_process_figures, view_metrics
from service.metrics.exposition import CONTENT_TYPE, exposition

PATH = "/metrics"
EXAMPLE = """\
# HELP nextlead_queue_waiting leads that wait
# TYPE nextlead_queue_waiting gauge
nextlead_queue_waiting{kind="chat",queue="main"} 3.0
"""

router = APIRouter(tags=["health"], route_class=StrictRoute)


@router.get(
    PATH,
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"example": EXAMPLE}}}},
    openapi_extra=needs("metrics", "read"),
)
async def get_metrics(request: Request) -> Response:
    """Metrics in the text format of Prometheus. docs/metrics.md explains each."""
    return await scrape(request)


async def scrape(request: Request) -> Response:
    """The metrics of all processes of this `serve`. Concurrent scrapes share one read of stores."""
    read = await _figures_of(request.app, request).value()
    set_process_figures(resources_of(request))
    body = await asyncio.to_thread(exposition, read)
    return Response(body, headers={"Content-Type": CONTENT_TYPE})


def _figures_of(app: FastAPI, request: Request) -> Cached[Figures]:
    existing: Cached[Figures] | None = getattr(app.state, "figures", None)
    if existing is None:
        existing = app.state.figures = Cached(partial(view_metrics, resources_of(request)), 0)
    return existing


class MetricsPort:
    """Answers requests at the metrics port without a key, and serves nothing else there."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app, self._port = app, port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests to other ports. The port is that of the socket, not of a header."""
        server = scope.get("server")
        if scope["type"] != "http" or server is None or server[1] != self._port:
            await self._app(scope, receive, send)
            return
        prove(scope)
        is_scrape = scope["path"] == PATH and scope["method"] == "GET"
        answer = await scrape(Request(scope)) if is_scrape else Response(status_code=404)
        await answer(scope, receive, send)
