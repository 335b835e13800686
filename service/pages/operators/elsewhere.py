"""Signing in with the company's account, through its identity provider."""

import secrets

from starlette.responses import RedirectResponse, Response

from service.flows.operators.sign_in_elsewhere import provider_of, sign_in_elsewhere
from service.leads.errors import ScopeMissing, Unanswered, Unauthenticated
from service.outgoing.openid import Attempt
from service.pages.guesses import GUESSES
from service.pages.operators.way_in import address_of, sign_in_page, too_often, welcome
from service.pages.reader import PageCall, cookie_name, give_cookie, take_cookie

ATTEMPT_SECONDS = 600
MAX_CODE = 4096


async def begin(call: PageCall) -> Response:
    """Send the browser to the provider. A cookie proves that this browser began."""
    attempt = Attempt.begin()
    try:
        place = await provider_of(call.resources).sign_in_address(attempt, _back(call))
    except (Unanswered, Unauthenticated):
        return sign_in_page(call, 502, "silent")
    response = RedirectResponse(place, 303)
    proof = f"{attempt.state}.{attempt.nonce}.{attempt.verifier}"
    give_cookie(call.request, response, _cookie(call), proof, ATTEMPT_SECONDS)
    return response


async def come_back(call: PageCall) -> Response:
    """Sign in a person who returns from the provider with its code, in the same browser."""
    if (wait := GUESSES.wait_seconds(address_of(call))) > 0:
        return too_often(call, wait)
    attempt, code = _attempt(call), call.query("code")[:MAX_CODE]
    try:
        if attempt is None or not code:
            raise Unauthenticated("It was not begun in this browser.")
        signed_in = await sign_in_elsewhere(call.resources, attempt, code, _back(call))
    except Unauthenticated:
        GUESSES.was_wrong(address_of(call))
        return _again(call, 401, "elsewhere")
    except ScopeMissing:
        return _again(call, 403, "nobody")
    except Unanswered:
        return _again(call, 502, "silent")
    response = welcome(call, signed_in, "/")
    take_cookie(call.request, response, _cookie(call))
    return response


def _attempt(call: PageCall) -> Attempt | None:
    """The attempt that this browser began; None when the answer belongs to another browser."""
    parts = call.request.cookies.get(_cookie(call), "").split(".")
    if len(parts) != 3:
        return None
    attempt = Attempt(*parts)
    is_same = secrets.compare_digest(attempt.state.encode(), call.query("state").encode())
    return attempt if is_same else None


def _again(call: PageCall, status: int, mistake: str) -> Response:
    response = sign_in_page(call, status, mistake)
    take_cookie(call.request, response, _cookie(call))
    return response


def _cookie(call: PageCall) -> str:
    return f"{cookie_name(call.request)}-attempt"


def _back(call: PageCall) -> str:
    """The address to which the provider sends the browser back."""
    base = call.resources.public_url or str(call.request.base_url)
    return f"{base.rstrip('/')}/signin/company/back"
