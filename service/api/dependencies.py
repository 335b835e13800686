"""What every route has: a key with a scope, a strict request and the resources."""

from collections.abc import Callable, Coroutine, Sequence
from functools import cached_property, lru_cache
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from service.api.body import StrictRequest
from service.api.confinement import confine, confine_body
from service.api.headers import header_of
from service.api.masking import mask_unless, sees_personal
from service.api.problems import PROBLEMS
from service.api.query import query_parameters, refuse_unknown
from service.connections.bounded_protocol import prove
from service.connections.dear_calls import AT_ONCE, Crowded, Release
from service.flows.operators.sign_in_elsewhere import key_of_token
from service.flows.upkeep.confine_key import Reach
from service.leads.errors import (
    FieldMistake,
    InvalidRequest,
    NextleadError,
    Overloaded,
    RateLimit,
    ScopeMissing,
    TooManyAtOnce,
    TooManyUnproven,
    Unauthenticated,
)
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.api_keys import Key
from service.storage.leads.duplicates import Sender

SCOPE, RAISES, AT_ONCE_OF = "x-scope", "x-problems", "x-at-once"
EITHER = " or "


def needs(
    *scopes: str, raises: Sequence[type[NextleadError]] = (), dear: str | None = None
) -> dict[str, Any]:
    """The scopes of which a route needs one, and its problems; both are shown in openapi.yaml.

    `raises`: problems of this route, beside those of every key, parameter and body. `dear`: the
    sort of expensive call that it is. A key may have only a few calls of one sort under way.
    """
    more = () if dear is None else (TooManyAtOnce,)
    kinds = sorted({PROBLEMS[error][1] for error in (*raises, *more)})
    at_once = {} if dear is None else {AT_ONCE_OF: dear}
    return {SCOPE: EITHER.join(scopes), RAISES: kinds, **at_once}


def strict_router(what: str, below: str | None = None) -> APIRouter:
    """A router of strict routes below /v1/`what`, or below /v1`below` when given.

    A body may come without a Content-Type.
    """
    return APIRouter(
        prefix=f"/v1/{what}" if below is None else f"/v1{below}",
        tags=[what],
        route_class=StrictRoute,
        strict_content_type=False,
    )


class StrictRoute(APIRoute):
    """A route that checks the key first, then parses a bounded JSON body strictly.

    A route with another kind of body asks its StrictRequest for the bounded bytes itself.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, run after the key and the body are checked."""
        handler = super().get_route_handler()
        extra = self.openapi_extra or {}
        dear: str | None = extra.get(AT_ONCE_OF)
        is_list = dear is not None or extra[SCOPE] == "read"

        async def handle(request: Request) -> Response:
            key = await self.let_in(request)
            if request.path_params and request.url.path in _fixed_paths(request.app):
                raise HTTPException(405)  # this fixed address has its own route, for another method
            if is_list and resources_of(request).crowd.refuses_lists:
                raise Overloaded("Lists and reports wait while too many requests are under way.")
            if dear is None:
                return await answer(request)
            release = await _enter(request, dear, key)
            try:
                return Held(await answer(request), release)
            except BaseException:
                release()
                raise

        async def answer(request: Request) -> Response:
            return await handler(await self.read(request))

        return handle

    async def let_in(self, request: Request) -> Key:
        """The key of a request; raises what `authorise` raises."""
        return await authorise(request, (self.openapi_extra or {})[SCOPE], self.path)

    async def read(self, request: Request) -> StrictRequest:
        """The request as a StrictRequest, after its parameters and body are checked."""
        refuse_unknown(request, self._parameters)
        if not isinstance(request, StrictRequest):
            request = StrictRequest(request.scope, request.receive)
        if self.body_field is not None:
            body = await request.json()
            await confine_body(request, resources_of(request), self.path, body)
        return request

    @cached_property
    def _parameters(self) -> tuple[str, ...]:
        return query_parameters(self.dependant)


class Held(Response):
    """A response that keeps its place among the expensive calls until it is fully sent."""

    def __init__(self, response: Response, release: Release) -> None:
        self._response, self._release = response, release
        self.status_code, self.raw_headers = response.status_code, response.raw_headers
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, then release the place."""
        try:
            await self._response(scope, receive, send)
        finally:
            self._release()


@lru_cache
def _fixed_paths(app: FastAPI) -> frozenset[str]:
    """Addresses of the routes without path parameters."""
    paths = {route.path or "" for route in iter_route_contexts(app.routes)}
    return frozenset(path for path in paths if "{" not in path)


async def _enter(request: Request, sort: str, key: Key) -> Release:
    try:
        return await resources_of(request).dear_calls.enter(sort, key.id)
    except Crowded:
        limit = RateLimit(sort, AT_ONCE, at_once=True)
        detail = f"A key has {AT_ONCE} calls of `{sort}` under way at most; wait until one ends."
        raise TooManyAtOnce(detail, limit) from None


def resources_of(request: Request) -> Resources:
    """The resources that the application opened."""
    return cast(Resources, request.app.state.resources)


async def authorise(request: Request, scope: str, path: str) -> Key:
    """The key of a request to a route; raises Unauthenticated, ScopeMissing or InvalidRequest.

    Raises KeyBound or a not-found error when the key may not reach the target. Raises
    InvalidRequest for a NUL character in the address: no name has one, and Postgres refuses it.
    """
    scheme, _, secret = (header_of(request.scope, b"authorization") or "").partition(" ")
    resources = resources_of(request)
    if scheme.lower() != "bearer" or not secret:
        count_unproven(request, resources)
        raise Unauthenticated("Send a key: `Authorization: Bearer <key>`.")
    secret = secret.strip()
    key = await resources.stores.directory.key(secret, resources.clock.now())
    if key is None and resources.openid is not None:
        key = await key_of_token(resources, secret)
    if key is None:
        count_unproven(request, resources)
        raise Unauthenticated("This key is unknown or was revoked; send a valid key.")
    wanted = _scopes_of(scope)
    if key.scopes.isdisjoint(wanted):
        raise ScopeMissing(f"The key `{key.name}` lacks the scope `{scope}`.")
    mask_unless(sees_personal(key, wanted))
    request.state.key = key
    prove(request.scope)
    _refuse_nul(request)
    await confine(request, resources, key, path)
    return key


@lru_cache
def _scopes_of(scope: str) -> frozenset[str]:
    return frozenset(scope.split(EITHER))


def count_unproven(request: Request, resources: Resources) -> None:
    """Count a request without valid proof; raises TooManyUnproven above its address's rate."""
    address = request.client.host if request.client else ""
    if not resources.admission.spend(address):
        limit = RateLimit("unproven", resources.admission.per_second)
        raise TooManyUnproven("Send a valid key or signature, or wait a second.", limit)


def may_read_all(key: Key) -> bool:
    """Whether a key may read other operators' clients and messages."""
    return {"read", "personal"} <= key.scopes


def may_see_tokens(key: Key) -> bool:
    """Whether a key may see an operator's claim tokens when it asks by the operator's name."""
    return "operate" in key.scopes


def sender_of(
    key: Key, idempotency_key: str | None = None, request_digest: bytes | None = None
) -> Sender:
    """The sender of a request: the name, rights and binding of its key."""
    return Sender(
        key.name,
        idempotency_key,
        request_digest,
        may_read="read" in key.scopes,
        binding=key.binding,
        may_report_orders="crm" in key.scopes,
    )


def sees_token(key: Key, lead: Lead) -> bool:
    """Whether a key sees the claim token of a lead: only the key of the claim's holder does."""
    holder = None if lead.claim is None else lead.claim.operator
    return may_see_tokens(key) and holder is not None and key.binding.operator == holder


def _refuse_nul(request: Request) -> None:
    asked = request.query_params.multi_items() if request.scope["query_string"] else ()
    for name, value in (*request.path_params.items(), *asked):
        if "\0" in value:
            reason, remedy = "it has a NUL character", "Leave the character U+0000 out."
            raise InvalidRequest([FieldMistake(name.replace("\0", ""), reason, remedy)])


def _reach_of(request: Request) -> Reach:
    return cast(Reach, request.state.reach)


def _key_of(request: Request) -> Key:
    return cast(Key, request.state.key)


ResourcesOf = Annotated[Resources, Depends(resources_of)]
ReachOf = Annotated[Reach, Depends(_reach_of)]
KeyOf = Annotated[Key, Depends(_key_of)]
