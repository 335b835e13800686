"""What every route has: a key with a scope, a strict request, the resources."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from service.api.body import StrictRequest
from service.api.confinement import confine, confine_body
from service.api.masking import mask_unless, sees_personal
from service.api.problems import PROBLEMS
from service.api.query import query_parameters, refuse_unknown
from service.connections.bounded_protocol import prove
from service.flows.upkeep.confine_key import Reach
from service.leads.errors import (
    FieldMistake,
    InvalidRequest,
    NextleadError,
    ScopeMissing,
    TooManyUnproven,
    Unauthenticated,
)
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.api_keys import Key

SCOPE, RAISES = "x-scope", "x-problems"
EITHER = " or "


def needs(*scopes: str, raises: Sequence[type[NextleadError]] = ()) -> dict[str, Any]:
    """What a route says of the scope that it needs, one of several; also shown in openapi.yaml.

    `raises` are the problems of its own, beside those of every key, parameter and body.
    """
    kinds = sorted({PROBLEMS[error][1] for error in raises})
    return {SCOPE: EITHER.join(scopes), RAISES: kinds}


def strict_router(what: str, below: str | None = None) -> APIRouter:
    """A router of strict routes, below /v1/what, or below the given place.

    A body may come without a Content-Type.
    """
    return APIRouter(
        prefix=f"/v1/{what}" if below is None else f"/v1{below}",
        tags=[what],
        route_class=StrictRoute,
        strict_content_type=False,
    )


class StrictRoute(APIRoute):
    """A route that looks at the key first, then at a bounded and strictly parsed JSON body.

    A route whose body is something else asks its StrictRequest for the bounded bytes itself.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler behind both doors."""
        handler, scope = super().get_route_handler(), (self.openapi_extra or {})[SCOPE]
        parameters = query_parameters(self.dependant)

        async def handle(request: Request) -> Response:
            await authorise(request, scope, self.path)
            refuse_unknown(request, parameters)
            strict = StrictRequest(request.scope, request.receive)
            if self.body_field is not None:
                body = await strict.json()
                await confine_body(request, resources_of(request), self.path, body)
            return await handler(strict)

        return handle


def resources_of(request: Request) -> Resources:
    """The resources that the application opened."""
    return cast(Resources, request.app.state.resources)


async def authorise(request: Request, scope: str, path: str) -> Key:
    """The key of a request to a route; raises Unauthenticated, ScopeMissing, or InvalidRequest.

    Raises KeyBound, or that there is no such thing, for what the key is not for. InvalidRequest
    is for a NUL character in the address, which no name has and Postgres does not take.
    """
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    resources = resources_of(request)
    if scheme.lower() != "bearer" or not secret:
        count_unproven(request, resources)
        raise Unauthenticated("Send a key: `Authorization: Bearer <key>`.")
    key = await resources.stores.directory.key(secret.strip(), resources.clock.now())
    if key is None:
        count_unproven(request, resources)
        raise Unauthenticated("This key is unknown or was revoked.")
    if key.scopes.isdisjoint(scope.split(EITHER)):
        raise ScopeMissing(f"The key `{key.name}` lacks the scope `{scope}`.")
    mask_unless(sees_personal(key, frozenset(scope.split(EITHER))))
    request.state.key = key
    prove(request.scope)
    _refuse_nul(request)
    await confine(request, resources, key, path)
    return key


def count_unproven(request: Request, resources: Resources) -> None:
    """Count a request that proved nothing; raises TooManyUnproven past its address's rate."""
    address = request.client.host if request.client else ""
    if not resources.admission.spend(address):
        raise TooManyUnproven("Send a valid key or signature, or wait a second.")


def may_read_all(key: Key) -> bool:
    """Whether a key may read who others' clients are and what they said."""
    return {"read", "personal"} <= key.scopes


def may_see_tokens(key: Key) -> bool:
    """Whether the tokens of an operator are shown to who asks by their name."""
    return "operate" in key.scopes


def sees_token(key: Key, lead: Lead) -> bool:
    """Whether the token of a lead's claim is shown to who asks for the lead: to its holder."""
    holder = None if lead.claim is None else lead.claim.operator
    return may_see_tokens(key) and holder is not None and key.binding.operator == holder


def _refuse_nul(request: Request) -> None:
    for name, value in (*request.path_params.items(), *request.query_params.multi_items()):
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
