"""The leads behind a figure, a search, and actions on the chosen leads."""

import csv
import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.responses import Response

from service.flows.claims import supervise
from service.flows.claims.supervise import Instruction
from service.flows.leads.view_leads import phones_as_identities, view_lead, view_leads
from service.flows.line.view_board import view_waiting
from service.flows.line.view_late import view_late
from service.flows.line.view_queues import view_queues
from service.flows.operators.view_operators import view_operators
from service.leads.errors import NextleadError
from service.leads.lead import Kind, Lead, State
from service.leads.settlement import Outcome
from service.pages.catalogue import counter, translator
from service.pages.claims.desk import about_lead
from service.pages.claims.desk_view import formats_of
from service.pages.line.board import chosen_queue
from service.pages.reader import PageCall
from service.pages.rendering import render_long
from service.storage.leads.lead_search import LeadFilter
from service.storage.operators.operators import Queue
from service.storage.queues.waiting_leads import WaitingFilter

LIMIT = 200
SEARCHED = timedelta(days=31)
SHORTEST = 3
FIRST = UUID(int=0)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
Act = Callable[[PageCall, UUID, Instruction], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Listed:
    """Leads, and the definition of the figure that counts them."""

    leads: Sequence[Lead]
    title: str
    late_since: Mapping[UUID, datetime] = field(default_factory=dict)


async def show_leads(call: PageCall) -> Response:
    """The leads of a figure or a search; `format=csv` gives a table."""
    queue = await chosen_queue(call)
    listed = await _listed(call, queue)
    if call.query("format") == "csv":
        return _csv(listed.leads)
    return await _page(call, queue, listed)


async def act_on_leads(call: PageCall) -> Response:
    """Do one action on all chosen leads. A refused lead does not stop the others."""
    queue, say = await chosen_queue(call), translator(call.reader.language)
    act, reason = ACTS.get(call.text("action")), call.text("reason")[:500]
    chosen = [UUID(item) for item in call.form.get("lead", [])[:LIMIT] if _is_id(item)]
    if act is None or not chosen or not reason:
        listed = await _listed(call, queue)
        mistake = say("Choose leads and an action, and say why.")
        return await _page(call, queue, listed, mistake, 422)
    done, refused = 0, []
    word = Instruction(call.session.person, reason)
    for lead_id in chosen:
        try:
            await act(call, lead_id, word)
            done += 1
        except NextleadError as error:
            refused.append(str(error))
    n_ = counter(call.reader.language)
    words = n_("Done with {n} lead.", "Done with {n} leads.", done)
    if refused:
        words += " " + n_("{n} was refused.", "{n} were refused.", len(refused))
    listed = await _listed(call, queue)
    return await _page(call, queue, listed, words, 200, refused)


async def _pin(call: PageCall, lead_id: UUID, word: Instruction) -> None:
    await supervise.pin_lead(call.resources, lead_id, word)


async def _unpin(call: PageCall, lead_id: UUID, word: Instruction) -> None:
    await supervise.unpin_lead(call.resources, lead_id, word)


async def _assign(call: PageCall, lead_id: UUID, word: Instruction) -> None:
    await supervise.assign_lead(call.resources, lead_id, call.text("operator"), word)


async def _unassign(call: PageCall, lead_id: UUID, word: Instruction) -> None:
    await supervise.unassign_lead(call.resources, lead_id, word)


async def _take_away(call: PageCall, lead_id: UUID, word: Instruction) -> None:
    await supervise.take_away(call.resources, lead_id, word)


async def _withdraw(call: PageCall, lead_id: UUID, word: Instruction) -> None:
    await supervise.withdraw_lead(call.resources, lead_id, Outcome.CANCELLED, word)


ACTS: dict[str, Act] = {
    "assign": _assign,
    "unassign": _unassign,
    "pin": _pin,
    "unpin": _unpin,
    "take_away": _take_away,
    "withdraw": _withdraw,
}


async def _listed(call: PageCall, queue: Queue) -> Listed:
    """The leads of the figure's own statement, or of a search."""
    resources, say = call.resources, translator(call.reader.language)
    if words := call.query("q")[:100]:
        return Listed(await _search(call, queue, words), say("Found for “{words}”", words=words))
    kind = call.query("kind")
    chosen = Kind(kind) if kind in set(Kind) else None
    if call.query("late"):
        page = await view_late(resources, queue.name, (EARLIEST, FIRST), LIMIT)
        late = [item for item in page.late if chosen in (None, item.lead.ranking.kind)]
        title = say("Late: not taken or not finished in time")
        since = {item.lead.id: item.since for item in late}
        return Listed([item.lead for item in late], title, since)
    state, operator, outcome = call.query("state"), call.query("operator"), call.query("outcome")
    if state in ("", "waiting") and not operator and not outcome:
        stage = call.query("stage")
        wanted = WaitingFilter(
            queue.name,
            chosen,
            int(stage) if stage.isdecimal() and len(stage) < 5 else None,
            live=bool(call.query("live")),
            oldest=bool(call.query("oldest")),
        )
        title = say("Live and unanswered") if wanted.live else say("Waiting")
        return Listed(await view_waiting(resources, wanted, LIMIT), title)
    by_name = {item.value: item for item in State}
    wanted_leads = LeadFilter(
        queue=queue.name,
        state=by_name.get(state),
        kind=chosen,
        operator=operator or None,
        outcome=outcome or None,
    )
    page_of_leads = await view_leads(resources, wanted_leads, LIMIT)
    return Listed(page_of_leads.leads, say("Leads"))


async def _search(call: PageCall, queue: Queue, words: str) -> Sequence[Lead]:
    """The leads with a telephone number, a client's number in the shop, a lead's id, or words."""
    resources, found = call.resources, list[Lead]()
    if _is_id(words):
        found = [await view_lead(resources, UUID(words))]
    digits = sum(sign.isdigit() for sign in words)
    if not found and digits >= 5:
        phones = await phones_as_identities(resources, words, queue.name)
        if phones:
            page = await view_leads(resources, LeadFilter(phones=phones), LIMIT)
            found = list(page.leads)
    if not found:
        by_number = LeadFilter(queue=queue.name, customer=words)
        found = list((await view_leads(resources, by_number, LIMIT)).leads)
    if not found and len(words) >= SHORTEST:
        since = resources.clock.now() - SEARCHED
        by_text = LeadFilter(queue=queue.name, since=since, text=words)
        found = list((await view_leads(resources, by_text, LIMIT)).leads)
    return found


async def _page(
    call: PageCall,
    queue: Queue,
    listed: Listed,
    notice: str = "",
    status: int = 200,
    refused: Sequence[str] = (),
) -> Response:
    people = [
        item.operator.name
        for item in await view_operators(call.resources)
        if queue.name in item.operator.queues
    ]
    query: Any = call.request.query_params
    return await render_long(
        call,
        "leads.html",
        status,
        queue=queue,
        queues=await view_queues(call.resources),
        f=await formats_of(call, queue),
        listed=listed,
        people=people,
        about=about_lead,
        notice=notice,
        refused=refused,
        query=query,
        limit=LIMIT,
    )


def _csv(leads: Sequence[Lead]) -> Response:
    """The list as a table. No cell begins as a formula."""
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(("id", "state", "kind", "stage", "received_at", "cost_per_minute", "operator"))
    for lead in leads:
        ranking, claim = lead.ranking, lead.claim
        rows.writerow(
            (
                lead.id,
                lead.state.value,
                ranking.kind.value,
                ranking.stage,
                lead.signal.received_at.isoformat(),
                f"{ranking.cost_per_minute:.2f}",
                claim.operator if claim else "",
            )
        )
    headers = {"Content-Disposition": 'attachment; filename="leads.csv"'}
    return Response(table.getvalue(), 200, headers, media_type="text/csv; charset=utf-8")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
