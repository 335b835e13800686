"""Shows how a draft would change the present line, and puts it in force."""

from typing import Any

from starlette.responses import Response

from service.flows.leads.view_leads import view_lead
from service.flows.policies.edit_draft import put_draft_in_force, view_draft
from service.flows.policies.preview_policy import preview_policy
from service.leads.errors import InvalidRequest, LeadNotFound, PolicyChanged
from service.leads.lead import Lead
from service.pages.catalogue import translator
from service.pages.claims.desk import about_lead
from service.pages.line.board import chosen_queue
from service.pages.policies.mistakes import mistakes_of_policy
from service.pages.policies.policy_page import policy_page, to_place
from service.pages.reader import PageCall
from service.storage.operators.operators import Queue

MAX_MOVES = 20


async def show_preview(call: PageCall) -> Response:
    """Which leads would move, and the cost of a minute of waiting before and after."""
    return await _preview(call, await chosen_queue(call))


async def put_in_force(call: PageCall) -> Response:
    """Put the draft in force, with a note."""
    queue, say = await chosen_queue(call), translator(call.reader.language)
    note = call.text("note")[:500] or None
    try:
        await put_draft_in_force(call.resources, call.session.person, queue.name, note)
    except PolicyChanged:
        words = say("Somebody put another version in force meanwhile: compare, then take it over.")
        return await _preview(call, queue, words, 409)
    except InvalidRequest:
        return to_place(queue, "/policy/text")
    return to_place(queue, "/policy/versions")


async def _preview(call: PageCall, queue: Queue, notice: str = "", status: int = 200) -> Response:
    working = await view_draft(call.resources, call.session.person, queue.name)
    mistakes = await mistakes_of_policy(call.resources, working.text)
    preview, leads = None, dict[Any, Lead]()
    if not mistakes:
        preview = await preview_policy(call.resources, queue.name, working.text)
        for move in preview.comparison.greatest[:MAX_MOVES]:
            try:
                lead = await view_lead(call.resources, move.shift.lead_id)
            except LeadNotFound:
                continue
            leads[lead.id] = lead
    return await policy_page(
        call,
        "policy_preview.html",
        queue,
        status,
        working=working,
        mistakes=mistakes,
        preview=preview,
        leads=leads,
        about=about_lead,
        notice=notice,
        most=MAX_MOVES,
    )
