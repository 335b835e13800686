"""In front of FastAPI: sends the most frequent calls straight to their handlers.

FastAPI's layers cost more than all the work of these calls. Their FastAPI routes stay, for
openapi.yaml and for requests that do not fit here. A request with a wrong address or body goes on
to FastAPI, which says what is wrong.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRouter
from pydantic import BaseModel, ValidationError
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api import hot
from service.api.body import StrictRequest
from service.api.claims import endings
from service.api.claims.ending_body import ParkIn, SettleIn
from service.api.dependencies import StrictRoute, resources_of
from service.api.leads import leads
from service.api.operators import operators
from service.api.operators.operator_body import PresenceIn
from service.api.problems import answer_unexpected, problem_of
from service.api.schemas import ReleaseIn, TokenIn
from service.leads.errors import NextleadError

LEAD_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OPERATOR = re.compile(r"[A-Za-z0-9._@-]{1,64}")
ANYBODY = re.compile(r"[^/]+")

Answer = Callable[..., Awaitable[Response]]


class DoesNotFit(Exception):
    """The body is not valid for this hot call."""


@dataclass(frozen=True, slots=True)
class HotCall:
    """The handler of a call, its route in FastAPI, and the one path parameter that it has."""

    route: Route
    answer: Callable[[Request], Awaitable[Response]]
    named: str | None = None
    form: re.Pattern[str] = ANYBODY


class HotDoor:
    """Answers hot calls and passes all others to the inner application."""

    def __init__(self, inner: ASGIApp, app: FastAPI) -> None:
        self._inner, self._app = inner, app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; errors become problem documents, as in the application."""
        call = _call_of(scope)
        if call is None:
            await self._inner(scope, receive, send)
            return
        scope["app"], scope["route"], scope["endpoint"] = self._app, call.route, call.route.endpoint
        request = StrictRequest(scope, receive)
        try:
            response = await call.answer(request)
        except DoesNotFit:
            await self._inner(scope, _again(await request.body(), receive), send)
            return
        except NextleadError as error:
            response = problem_of(error)
        except Exception as error:
            await (await answer_unexpected(request, error))(scope, receive, send)
            raise
        await response(scope, receive, send)


def _call_of(scope: Scope) -> HotCall | None:
    """The hot call that matches a request; sets the path parameters of the scope."""
    if scope["type"] != "http" or scope.get("root_path"):
        return None
    parts = scope["path"].split("/")
    call = CALLS.get((scope["method"], len(parts), parts[2] if len(parts) > 2 else "", parts[-1]))
    if call is None or parts[:2] != ["", "v1"]:
        return None
    scope["path_params"] = {}
    if call.named is not None:
        if call.form.fullmatch(parts[3]) is None:
            return None
        scope["path_params"] = {call.named: parts[3]}
    return call


def _again(body: bytes, receive: Receive) -> Receive:
    """A receiver that gives the body read before, then whatever follows."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return messages.pop() if messages else await receive()

    return received


def _of(
    router: APIRouter, endpoint: Answer, model: type[BaseModel], gives: Sequence[str]
) -> tuple[StrictRoute, Callable[[Request], Awaitable[Response]]]:
    """A FastAPI route as a hot call: the route, and a handler with the arguments in `gives`."""
    route = next(
        item
        for item in router.routes
        if isinstance(item, StrictRoute) and item.endpoint is endpoint
    )

    async def answer(request: Request) -> Response:
        await route.let_in(request)
        strict = await route.read(request)
        try:
            sent = model.model_validate(await strict.json())
        except ValidationError:
            raise DoesNotFit from None
        return await endpoint(sent=sent, **{name: GIVEN[name](request) for name in gives})

    return route, answer


GIVEN: Mapping[str, Callable[[Request], Any]] = {
    "resources": resources_of,
    "key": lambda request: request.state.key,
    "lead_id": lambda request: UUID(request.path_params["lead_id"]),
    "operator": lambda request: request.path_params["operator"],
}
OF_LEAD = ("resources", "lead_id")
SETTLE = _of(endings.router, endings.settle_lead, SettleIn, OF_LEAD)
PARK = _of(endings.router, endings.park_lead, ParkIn, OF_LEAD)
RENEW = _of(leads.router, leads.renew_lead, TokenIn, OF_LEAD)
RELEASE = _of(leads.router, leads.release_lead, ReleaseIn, OF_LEAD)
PRESENCE = _of(
    operators.router, operators.put_presence, PresenceIn, ("resources", "key", "operator")
)
CREATE, NEXT = hot.ROUTES

# By method, number of path parts, second part and last part.
CALLS: Mapping[tuple[str, int, str, str], HotCall] = {
    ("POST", 3, "leads", "leads"): HotCall(CREATE, hot.create_lead),
    ("POST", 5, "operators", "next"): HotCall(NEXT, hot.claim_next_lead, "operator"),
    ("POST", 5, "leads", "settle"): HotCall(*SETTLE, "lead_id", LEAD_ID),
    ("POST", 5, "leads", "park"): HotCall(*PARK, "lead_id", LEAD_ID),
    ("POST", 5, "leads", "renew"): HotCall(*RENEW, "lead_id", LEAD_ID),
    ("POST", 5, "leads", "release"): HotCall(*RELEASE, "lead_id", LEAD_ID),
    ("PUT", 5, "operators", "presence"): HotCall(*PRESENCE, "operator", OPERATOR),
}
