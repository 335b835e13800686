"""Guards every page: a session with a scope, forms of this site only, strict headers."""

import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import cast
from urllib.parse import parse_qs, quote

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from service.leads import errors
from service.leads.errors import BodyTooLarge, NextleadError, Overloaded
from service.logs import REQUEST_ID
from service.pages.reader import PageCall, PageReader, reader_of
from service.pages.rendering import render
from service.resources import Resources

log = structlog.get_logger()

Answer = Callable[[PageCall], Awaitable[Response]]
MAX_BYTES = 64 * 1024
MAX_FIELDS = 2000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types nextlead"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STATUS: dict[type[NextleadError], int] = {
    errors.InvalidRequest: 422,
    errors.Unauthenticated: 401,
    errors.ScopeMissing: 403,
    errors.KeyBound: 403,
    errors.LeadNotFound: 404,
    errors.OperatorNotFound: 404,
    errors.QueueNotFound: 404,
    errors.PolicyNotFound: 404,
    errors.SourceNotFound: 404,
    errors.BodyTooLarge: 413,
    errors.ClaimGone: 409,
    errors.MoveNotAllowed: 409,
    errors.AtCapacity: 409,
    errors.OffShift: 409,
    errors.OperatorFree: 409,
    errors.PolicyChanged: 409,
    errors.Overloaded: 503,
}


def guarded(
    answer: Answer, scope: str | None, *, needs_desk: bool = True, max_bytes: int = MAX_BYTES
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint around a handler; `scope` None is open to everybody."""

    async def endpoint(request: Request) -> Response:
        resources = cast(Resources, request.app.state.resources)
        call = PageCall(request, resources, PageReader("en", "auto"))
        try:
            call = replace(call, reader=await reader_of(request, resources))
            _check_crowd(call, scope)
            denied = _deny(call, scope, needs_desk=needs_desk)
            response = denied or await _answer(answer, call, max_bytes)
        except NextleadError as error:
            response = failure(call, error)
        except Exception as error:  # people get a page; programs get JSON elsewhere
            log.error("page.failed", error=type(error).__name__, where=_places(error))
            response = render(
                call, "failure.html", 500, error="", status=500, number=REQUEST_ID.get()
            )
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return endpoint


def _check_crowd(call: PageCall, scope: str | None) -> None:
    """Raise Overloaded for a board while the process is full; desks go on."""
    is_board = scope == "supervise" and call.request.method == "GET"
    if is_board and call.resources.crowd.refuses_lists:
        raise Overloaded("Boards wait while too many requests are under way.")


def _places(error: Exception) -> list[str]:
    """The last lines of code of the error, without values, which may be clients' data."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return [f"{frame.filename.rpartition('service/')[2]}:{frame.lineno}" for frame in frames]


def failure(call: PageCall, error: NextleadError) -> Response:
    """A page that explains an error in the reader's language."""
    status = STATUS.get(type(error), 503 if "navailable" in type(error).__name__ else 500)
    if status >= 500:
        log.error("page.failed", error=type(error).__name__, why=str(error))
    number = REQUEST_ID.get()
    response = render(call, "failure.html", status, error=error, status=status, number=number)
    if status == 503:
        response.headers["Retry-After"] = "1"
    return response


def _deny(call: PageCall, scope: str | None, *, needs_desk: bool) -> Response | None:
    """The answer for a reader who may not see the page; None for one who may."""
    if scope is None:
        return None
    if call.reader.session is None:
        return _ask_to_sign_in(call)
    if scope == "supervise" and not call.reader.may("personal"):
        scope = "personal"  # the board shows who clients are
    if not call.reader.may(scope):
        return render(call, "forbidden.html", 403, scope=scope)
    if scope == "operate" and needs_desk and call.session.operator is None:
        return RedirectResponse("/desk", 303)
    return None


async def _answer(answer: Answer, call: PageCall, max_bytes: int) -> Response:
    if call.request.method == "POST":
        call = replace(call, form=await _form(call.request, max_bytes))
        if not _is_our_own(call):
            return render(call, "stale_form.html", 403)
    return await answer(call)


def _ask_to_sign_in(call: PageCall) -> Response:
    if call.wants_fragments:
        return Response("", 401, {"X-Sign-In": "/"})
    if call.request.method != "GET":
        return RedirectResponse("/", 303)
    return RedirectResponse(f"/?next={quote(call.request.url.path)}", 303)


async def _form(request: Request, max_bytes: int) -> dict[str, list[str]]:
    """The fields of a form; raises BodyTooLarge before it reads more than allowed."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > max_bytes:
                raise BodyTooLarge(f"At most {max_bytes} bytes are taken.")
    except ClientDisconnect:
        return {}
    try:
        fields = parse_qs(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS
        )
    except ValueError:
        raise BodyTooLarge(f"At most {MAX_FIELDS} fields are taken.") from None
    return {
        name: [value.replace("\0", "").replace("\r\n", "\n") for value in values]
        for name, values in fields.items()
    }


def _is_our_own(call: PageCall) -> bool:
    """Whether a form is of this site, and of this session if there is one."""
    headers = call.request.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    own = f"{call.request.url.scheme}://{headers.get('host', '')}"
    from_here = site == "same-origin" or (site is None and origin == own)
    return from_here and (call.reader.session is None or call.text("csrf") == call.reader.csrf)
