"""Signing in by a key or a one-time link, then on to the desk or the board."""

from typing import Any

from starlette.responses import RedirectResponse, Response

from service.flows.operators.sign_in import (
    SignedIn,
    sign_in_by_key,
    sign_in_by_link,
    sign_out,
    view_link,
)
from service.leads.errors import ScopeMissing, Unauthenticated
from service.pages.guesses import GUESSES
from service.pages.reader import PageCall, cookie_name, give_cookie, take_cookie
from service.pages.rendering import render

COOKIE_SECONDS = 7 * 24 * 3600
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


async def show_entrance(call: PageCall) -> Response:
    """The sign-in page; a person who is signed in goes to their own page."""
    if call.reader.session is not None:
        return RedirectResponse(await _home(call), 303)
    return _entrance(call)


async def take_key(call: PageCall) -> Response:
    """Sign in with a key that was typed or pasted."""
    if (wait := GUESSES.wait_seconds(address_of(call))) > 0:
        return too_often(call, wait)
    try:
        signed_in = await sign_in_by_key(call.resources, call.text("key"))
    except ScopeMissing:
        return _entrance(call, 403, mistake="programs")
    except Unauthenticated:
        GUESSES.was_wrong(address_of(call))
        return _entrance(call, 401, mistake="unknown")
    return welcome(call, signed_in, _local(call.text("next")))


async def show_link(call: PageCall) -> Response:
    """Ask for a confirmation, because programs open links, too, and must not use them up."""
    if (wait := GUESSES.wait_seconds(address_of(call))) > 0:
        return too_often(call, wait)
    link = await view_link(call.resources, call.path("secret"))
    if link is None:
        GUESSES.was_wrong(address_of(call))
        return _entrance(call, 410, mistake="used")
    return render(call, "link.html", link=link)


async def take_link(call: PageCall) -> Response:
    """Sign in with a link, which is then used up."""
    if (wait := GUESSES.wait_seconds(address_of(call))) > 0:
        return too_often(call, wait)
    try:
        signed_in = await sign_in_by_link(call.resources, call.path("secret"))
    except Unauthenticated:
        GUESSES.was_wrong(address_of(call))
        return _entrance(call, 410, mistake="used")
    return welcome(call, signed_in, "/")


async def leave(call: PageCall) -> Response:
    """Sign out."""
    if call.reader.secret:
        await sign_out(call.resources, call.reader.secret)
    response = RedirectResponse("/", 303)
    take_cookie(call.request, response, cookie_name(call.request))
    # leads that this browser remembers are removed, too
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def _entrance(call: PageCall, status: int = 200, mistake: str = "") -> Response:
    plain = call.request.url.scheme != "https" and call.request.url.hostname not in LOOPBACK
    after = _local(call.query("next") or call.text("next"))
    return sign_in_page(call, status, mistake, plain=plain, after=after)


def sign_in_page(call: PageCall, status: int, mistake: str, **more: Any) -> Response:
    """The sign-in page, with the mistake of the last try."""
    shown = {"plain": False, "after": "/", "seconds": 0, **more}
    has_company = call.resources.openid is not None
    return render(call, "sign_in.html", status, mistake=mistake, has_company=has_company, **shown)


def too_often(call: PageCall, seconds: int) -> Response:
    """Ask a person who guesses to wait."""
    response = sign_in_page(call, 429, "often", seconds=seconds)
    response.headers["Retry-After"] = str(seconds)
    return response


def welcome(call: PageCall, signed_in: SignedIn, place: str) -> Response:
    """Redirect a person who signed in, with the cookie of their session."""
    GUESSES.was_right(address_of(call))
    response = RedirectResponse(place, 303)
    give_cookie(call.request, response, cookie_name(call.request), signed_in.secret, COOKIE_SECONDS)
    return response


async def _home(call: PageCall) -> str:
    """The first page: first use while there are no operators, else the desk or the board."""
    if call.reader.may("admin") and not await call.resources.stores.directory.operators():
        return "/start"
    if call.session.operator is not None and call.reader.may("operate"):
        return "/work"
    return "/board" if call.reader.may("supervise") else "/desk"


def _local(place: str) -> str:
    """The address if it is of this site, else `/`."""
    is_local = place.startswith("/") and not place.startswith(("//", "/\\"))
    return place if is_local and "\\" not in place else "/"


def address_of(call: PageCall) -> str:
    """The network address of the browser."""
    client = call.request.client
    return client.host if client else "unknown"
