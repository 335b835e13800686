"""The desk as a page, and its parts that a script refreshes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.flows.claims.renew_claim import renew_claim
from service.flows.operators.view_operator_day import view_operator_day
from service.leads.errors import ClaimGone
from service.leads.lead import Lead
from service.pages.catalogue import translator
from service.pages.claims.break_after import break_ahead
from service.pages.claims.callbacks import later_slots, slots
from service.pages.claims.card_view import view_card
from service.pages.claims.desk_view import Desk, view_desk
from service.pages.claims.outcomes import FREQUENT, offered
from service.pages.claims.reading import called, phrases_of, places, signals_of
from service.pages.claims.why_now import bars, why_now
from service.pages.names import NAMES
from service.pages.operators.preferences import preferences_of
from service.pages.operators.shortcuts import SHORTCUTS, keys_of, label_of
from service.pages.reader import PageCall
from service.pages.rendering import highlighted, render

RENEWED_BELOW = 0.6  # the share of a lease that is left


async def show_desk(call: PageCall) -> Response:
    """The whole page."""
    return await desk_page(call)


async def show_parts(call: PageCall) -> Response:
    """The parts that a script refreshes; 304 while nothing has changed.

    With `active`, the operator has just worked, so the leases of the leads at the desk are renewed.
    """
    desk = await _look(call)
    if call.query("active") and await _renew(call, desk):
        desk = await _look(call)
    if call.request.headers.get("if-none-match") == desk.etag:
        return Response(status_code=304, headers=_headers(desk))
    response = await _rendered(call, desk, "desk_parts.html")
    response.headers.update(_headers(desk))
    return response


def _headers(desk: Desk) -> dict[str, str]:
    """The headers by which the script knows the state and the time of the service."""
    return {"ETag": desk.etag, "X-Now": desk.formats.now.isoformat()}


async def desk_page(
    call: PageCall, mistakes: Mapping[str, str] | None = None, notice: str = "", status: int = 200
) -> Response:
    """The desk after an action, with its mistakes. A script gets only the parts."""
    desk = await _look(call)
    template = "desk_parts.html" if call.wants_fragments else "desk.html"
    return await _rendered(call, desk, template, mistakes or {}, notice, status)


def done(call: PageCall, say: str) -> Response:
    """The desk after an action that worked. A script announces it to screen readers."""
    response = RedirectResponse("/work/parts" if call.wants_fragments else "/work", 303)
    if call.wants_fragments:
        response.headers["Location"] = f"/work/parts?say={quote(say)}"
    return response


async def _look(call: PageCall) -> Desk:
    """The desk now; a break begins first if the lead before it is over."""
    ahead = await break_ahead(call)
    return replace(await view_desk(call), break_after=ahead)


async def _renew(call: PageCall, desk: Desk) -> bool:
    renewed = False
    for lead in desk.held:
        claim = lead.claim
        if claim is None or claim.paused_since is not None:
            continue
        lease = (await call.resources.stores.bases.of(lead.signal.queue)).policy.lease
        if claim.lease_until - desk.formats.now < lease * RENEWED_BELOW:
            try:
                await renew_claim(call.resources, lead.id, claim.token)
                renewed = True
            except ClaimGone:
                continue
    return renewed


async def _rendered(
    call: PageCall,
    desk: Desk,
    template: str,
    mistakes: Mapping[str, str] = {},
    notice: str = "",
    status: int = 200,
) -> HTMLResponse:
    card = await view_card(call, desk)
    settings = await preferences_of(call)
    keys = {} if settings.get("keys_off") else keys_of(settings)
    shown = await _shown(call, desk) if desk.current and card else {}
    day = None if desk.current else await view_operator_day(call.resources, call.operator)
    return render(
        call,
        template,
        status,
        desk=desk,
        card=card,
        day=day,
        f=desk.formats,
        settings=settings,
        keys=keys,
        key_label=lambda action: label_of(keys[action], call.reader.language),
        shortcuts=SHORTCUTS,
        about=about_lead,
        mistakes=mistakes,
        notice=notice,
        filled=call.form,
        say=call.query("say")[:200],
        frequent=FREQUENT,
        break_reasons=NAMES["break"],
        show_fields=[f"show.{name}" for name in NAMES["show"]],
        **{"shown": shown},
    )


async def _shown(call: PageCall, desk: Desk) -> dict[str, Any]:
    """What is computed for the current lead."""
    lead, language = desk.current, call.reader.language
    assert lead is not None
    say, phrases, signals = (
        translator(language),
        await phrases_of(call.resources, lead),
        signals_of(lead),
    )
    text = lead.signal.text or ""
    names = list(dict.fromkeys(called(item, phrases, language) for item in signals))
    hours = (await call.resources.stores.bases.of(lead.signal.queue)).policy.hours
    return {
        "text": highlighted(text, places(text, signals, phrases, language)),
        "why": why_now(lead, call.operator, names, say, desk.formats),
        "bars": bars(lead, say, desk.formats),
        "outcomes": offered(lead),
        "slots": slots(hours, desk.formats.now),
        "later": later_slots(hours, desk.formats.now),
        "signals": names,
    }


def about_lead(lead: Lead, longest: int = 70) -> str:
    """A lead in a few of the client's own words: text, goods, car."""
    signal = lead.signal
    words = signal.text or ", ".join(item.name for item in signal.items) or signal.vin or ""
    words = " ".join(words.split())
    return words if len(words) <= longest else f"{words[: longest - 1]}…"
