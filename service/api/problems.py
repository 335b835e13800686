"""Answers every error with a problem document (RFC 9457) of a stable type."""

from collections.abc import Mapping
from typing import cast

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Match

from service.leads import errors
from service.leads.errors import InvalidRequest, NextleadError
from service.leads.mistakes import mistakes_of
from service.logs import REQUEST_ID

log = structlog.get_logger()

PROBLEM = "application/problem+json"
PREFIX = "urn:nextlead:problem:"
RETRY_SECONDS = 1
TRY_LATER = {"Retry-After": str(RETRY_SECONDS)}
READING = {"GET", "HEAD"}

# The status of each class of error, and the stable end of its type.
PROBLEMS: Mapping[type[NextleadError], tuple[int, str]] = {
    errors.MalformedBody: (400, "malformed-body"),
    errors.Unauthenticated: (401, "unauthenticated"),
    errors.NotAuthentic: (401, "not-authentic"),
    errors.ScopeMissing: (403, "scope-missing"),
    errors.KeyBound: (403, "key-bound"),
    errors.LeadNotFound: (404, "lead-not-found"),
    errors.OperatorNotFound: (404, "operator-not-found"),
    errors.QueueNotFound: (404, "queue-not-found"),
    errors.CustomerNotFound: (404, "customer-not-found"),
    errors.PolicyNotFound: (404, "policy-not-found"),
    errors.SourceNotFound: (404, "source-not-found"),
    errors.AdapterNotFound: (404, "adapter-not-found"),
    errors.SubscriptionNotFound: (404, "subscription-not-found"),
    errors.KeyNotFound: (404, "key-not-found"),
    errors.DeliveryNotFound: (404, "delivery-not-found"),
    errors.BodyTooSlow: (408, "body-too-slow"),
    errors.ClaimGone: (409, "claim-gone"),
    errors.MoveNotAllowed: (409, "move-not-allowed"),
    errors.AtCapacity: (409, "at-capacity"),
    errors.NotEligible: (409, "not-eligible"),
    errors.OffShift: (409, "off-shift"),
    errors.OperatorFree: (409, "operator-free"),
    errors.QueueExists: (409, "queue-exists"),
    errors.TaskLimit: (409, "task-limit"),
    errors.IdempotencyConflict: (409, "idempotency-conflict"),
    errors.SignalTaken: (409, "signal-taken"),
    errors.KeyExists: (409, "key-exists"),
    errors.SourceInUse: (409, "source-in-use"),
    errors.ClientErased: (409, "client-erased"),
    errors.SharedMark: (409, "shared-mark"),
    errors.SecretKeyMissing: (409, "secret-key-missing"),
    errors.PolicyChanged: (412, "policy-changed"),
    errors.BodyTooLarge: (413, "body-too-large"),
    errors.UnsupportedMediaType: (415, "unsupported-media-type"),
    errors.InvalidRequest: (422, "invalid-request"),
    errors.Unreadable: (422, "unreadable"),
    errors.PreconditionMissing: (428, "precondition-missing"),
    errors.TooManyUnproven: (429, "too-many-unproven"),
    errors.TooManyAtOnce: (429, "too-many-at-once"),
    errors.SecretLost: (500, "secret-lost"),
    errors.StorageFailed: (500, "internal"),
    errors.Unanswered: (502, "unanswered"),
    errors.Overloaded: (503, "overloaded"),
    errors.SourceUnusable: (503, "source-unusable"),
    errors.ImportStopped: (503, "import-stopped"),
    errors.StorageUnavailable: (503, "storage-unavailable"),
    errors.LineUnavailable: (503, "line-unavailable"),
    errors.LineLost: (503, "line-unavailable"),
}


def problem(
    status: int,
    kind: str,
    title: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Response:
    """A problem document as a response."""
    body = {"type": PREFIX + kind, "title": title, "status": status, "detail": detail, **more}
    if (request_id := REQUEST_ID.get()) is not None:
        body["request_id"] = request_id
    return Response(orjson.dumps(body), status, headers, media_type=PROBLEM)


def add_problem_handlers(app: FastAPI) -> None:
    """Let every error of the application be answered with a problem document."""
    app.add_exception_handler(NextleadError, _answer_ours)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, answer_unexpected)


def problem_of(error: NextleadError) -> Response:
    """The problem document of one of our errors."""
    status, kind = PROBLEMS[type(error)]
    detail, more = str(error), {}
    if isinstance(error, InvalidRequest):
        more = {"errors": error.mistakes}
    if status >= 500:
        log.error("request.failed", problem=kind, why=str(error))
        if not isinstance(error, errors.ImportStopped):  # its detail says what to send again
            detail = (type(error).__doc__ or "").strip() + "; try again in a moment."
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: TRY_LATER}.get(status)
    if isinstance(error, errors.TooMany):
        headers = {**TRY_LATER, **_rate_limit(error.limit)}
    title = (type(error).__doc__ or "").strip()
    return problem(status, kind, title, detail, headers, **more)


def _rate_limit(limit: errors.RateLimit) -> dict[str, str]:
    """The headers of draft-ietf-httpapi-ratelimit-headers: the limit, and that nothing is left."""
    of = 'qu="concurrent-requests"' if limit.at_once else "w=1"
    return {
        "RateLimit-Policy": f'"{limit.name}";q={limit.quota};{of}',
        "RateLimit": f'"{limit.name}";r=0;t={RETRY_SECONDS}',
    }


async def _answer_ours(_request: Request, error: Exception) -> Response:
    return problem_of(cast(NextleadError, error))


async def _answer_validation(_request: Request, error: Exception) -> Response:
    found = cast(RequestValidationError, error)
    return problem_of(InvalidRequest(mistakes_of(found.errors(), below=1)))


async def _answer_http(request: Request, error: Exception) -> Response:
    found = cast(HTTPException, error)
    if found.status_code == 405:
        allowed = ", ".join(sorted(_methods(request)))
        detail = f"{request.method} is not possible here; use {allowed}."
        headers = {"Allow": allowed}
        return problem(
            405, "method-not-allowed", "This method is not possible here", detail, headers
        )
    if found.status_code == 404:
        detail = f"Nothing is served at {request.url.path}; check the address."
        return problem(404, "not-found", "There is nothing at this address", detail)
    return problem(found.status_code, "http", "The request failed", str(found.detail))


async def answer_unexpected(request: Request, error: Exception) -> Response:
    """The problem for an unforeseen error; it reveals nothing about the error."""
    route = request.scope.get("route")
    log.error("request.failed", route=getattr(route, "path", None), error=type(error).__name__)
    return problem(
        500, "internal", "The service failed", "The failure was logged; try again later."
    )


def _methods(request: Request) -> set[str]:
    """The methods that the route of this exact address takes, else those of all matching routes."""
    scope, contexts = dict(request.scope), iter_route_contexts(request.app.routes)
    routes = [context for context in contexts if context.matches(scope)[0] is not Match.NONE]
    own = [route for route in routes if route.path == request.url.path]
    methods = {method for item in own or routes for method in item.methods or ()}
    methods |= set(getattr(request.state, "methods", ()))
    if "GET" in methods:
        methods |= READING
    return methods or READING  # below a mount there are only files
