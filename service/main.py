"""The application: the only module that imports everything."""

import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp

from service import __version__
from service.api import api_keys, health, hot, metrics
from service.api.claims import bulk, calls, endings, supervision
from service.api.customers import clients, customers, erasing
from service.api.events import streams, subscriptions
from service.api.first_look import FirstLook
from service.api.hot_door import HotDoor
from service.api.leads import files, late, leads, notes, signals, tasks
from service.api.openapi import describe
from service.api.operators import operator_stats, operators
from service.api.policies import policies, rules
from service.api.problems import add_problem_handlers
from service.api.queues import history, queues, vocabulary
from service.api.request_log import RequestLog
from service.api.senders import deliveries, sources
from service.background.runner import background_chores
from service.background_task import background_task
from service.clock import Clock
from service.connections.ending import AnswersWhenCut, ending
from service.connections.forwarded import ForwardedClient
from service.connections.orphan import end_with_supervisor, supervisor_is_gone
from service.logs import configure_logs, write_line
from service.pages import door as pages
from service.resources import Resources, collect_garbage_seldom, open_resources
from service.settings import Settings
from service.tracing.switch import traces
from service.webhooks import door

log = structlog.get_logger()

# A task beside the serving: `nextlead dev --demo`, or a worker of `serve`.
Beside = Callable[[Resources], Coroutine[Any, Any, None]]

PARTS = (
    files,  # before leads, whose id routes would match its paths
    leads,
    notes,
    signals,
    calls,
    endings,
    tasks,
    clients,
    erasing,
    customers,
    supervision,
    bulk,
    operators,
    policies,
    rules,
    queues,
    late,
    operator_stats,
    vocabulary,
    history,
    sources,
    deliveries,
    subscriptions,
    streams,
    api_keys,
    health,
    metrics,
)


def create_app(
    settings: Settings, clock: Clock | None = None, beside: Beside | None = None
) -> FastAPI:
    """Make the application; it connects when its lifespan begins, not here.

    The task `beside` begins when the application is ready, and ends with it.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        recorded = traces(__version__, wanted=settings.traces)
        async with open_resources(settings, clock) as resources:
            app.state.resources = resources
            collect_garbage_seldom()
            chores = background_chores(resources, settings.tick_seconds)
            with (
                recorded,
                ending.when_begun(resources.arrivals.end),
                ending.when_begun(resources.listeners.end),
            ):
                async with chores, _while_it_runs(beside, resources):
                    log.info("service.ready", version=__version__, process=os.getpid())
                    yield

    app = _application(settings, lifespan)
    app.router.routes.extend([*hot.ROUTES, *door.ROUTES, *pages.ROUTES])
    for part in PARTS:
        app.include_router(part.router)
    add_problem_handlers(app)
    _put_outermost(app, settings)
    describe(app)
    return app


@asynccontextmanager
async def _while_it_runs(beside: Beside | None, resources: Resources) -> AsyncIterator[None]:
    if beside is None:
        yield
        return
    async with background_task(beside(resources)):
        yield


def _put_outermost(app: FastAPI, settings: Settings) -> None:
    """Give every answer its request's id, even an unexpected error."""
    build = app.build_middleware_stack

    def with_request_log() -> ASGIApp:
        write = write_line if settings.access_log else None
        doors = AnswersWhenCut(HotDoor(build(), app))
        inner = FirstLook(doors, app, settings.trusted_proxies)
        logged = RequestLog(inner, write, [*hot.ROUTES, *door.ROUTES, *pages.ROUTES])
        if settings.metrics_port is None:
            return ForwardedClient(logged, settings.trusted_proxies)
        with_port = metrics.MetricsPort(logged, settings.metrics_port)
        return ForwardedClient(with_port, settings.trusted_proxies)

    app.build_middleware_stack = with_request_log  # type: ignore[method-assign]


def _application(settings: Settings, lifespan: Any) -> FastAPI:
    about: dict[str, Any] = {
        "title": "nextlead",
        "version": __version__,
        "summary": "The lead that is worth most to take now, for every operator.",
        "lifespan": lifespan,
        "redoc_url": None,
        "redirect_slashes": False,
        "generate_unique_id_function": lambda route: route.name,
        # ours are `service/tracing`; to ask whether there are others costs every request 10 µs
        "telemetry": {"tracing": False, "metrics": False, "logs": False},
    }
    if settings.docs:
        return FastAPIOffline(**about, swagger_ui_parameters={"docExpansion": "none"})
    return FastAPI(**about, docs_url=None, openapi_url=None)


def app_of_environment() -> FastAPI:
    """The application by the environment's settings; `serve` starts it in each worker."""
    settings = Settings()
    configure_logs(settings.log_level)
    if supervisor_is_gone():
        raise SystemExit("The process that started this worker is gone; nothing is served.")
    return create_app(settings, beside=end_with_supervisor)
