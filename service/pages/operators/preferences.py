"""A person's preferences: language and colours in the browser, the rest on the server."""

from typing import Any

from starlette.responses import RedirectResponse, Response

from service.flows.operators.reader_settings import change_settings, view_settings
from service.pages.catalogue import LANGUAGES
from service.pages.operators.shortcuts import SHORTCUTS, collisions, keys_of
from service.pages.reader import THEMES, PageCall
from service.pages.rendering import render

YEAR_SECONDS = 365 * 24 * 3600
SWITCHES = ("keys_off", "sound_off", "take_at_once")


async def show_preferences(call: PageCall) -> Response:
    """The form of preferences."""
    return await _page(call)


async def store_preferences(call: PageCall) -> Response:
    """Store the preferences. A key that two actions share is refused, with both named."""
    language, theme = call.text("language"), call.text("theme")
    if call.reader.session is not None and "keys" in call.form:
        keys = {action: call.text(f"key.{action}") for action in SHORTCUTS}
        if twice := collisions(keys):
            return await _page(call, 422, twice=twice)
        changes: dict[str, Any] = {name: bool(call.text(name)) for name in SWITCHES}
        await change_settings(call.resources, call.session.person, {**changes, "keys": keys})
    back = call.text("back")
    response = RedirectResponse(back if back in ("/", "/work", "/board") else "/settings", 303)
    for name, value, choices in (("lang", language, LANGUAGES), ("theme", theme, THEMES)):
        if value in choices:
            response.set_cookie(
                name,
                value,
                max_age=YEAR_SECONDS,
                path="/",
                secure=call.request.url.scheme == "https",
                httponly=True,
                samesite="lax",
            )
    return response


async def preferences_of(call: PageCall) -> dict[str, Any]:
    """The reader's preferences, with defaults for those never chosen."""
    settings: dict[str, Any] = dict.fromkeys(SWITCHES, False)
    if call.reader.session is not None:
        settings |= await view_settings(call.resources, call.session.person)
    return settings


async def _page(
    call: PageCall, status: int = 200, twice: tuple[str, str] | None = None
) -> Response:
    settings = await preferences_of(call)
    keys = keys_of(settings)
    return render(
        call,
        "settings.html",
        status,
        settings=settings,
        keys=keys,
        shortcuts=SHORTCUTS,
        twice=twice,
    )
