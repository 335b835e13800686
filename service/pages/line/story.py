"""The whole story of a lead: signals, events, decisions, and claims of other leads before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.responses import RedirectResponse, Response

from service.flows.claims.supervise import Instruction
from service.flows.customers.view_client import view_client
from service.flows.leads.view_leads import view_explanation, view_lead_events
from service.flows.leads.view_signals import view_signals
from service.flows.line.view_board import view_taken_meanwhile
from service.flows.operators.view_operators import view_operators
from service.leads.errors import LeadNotFound, NextleadError
from service.pages.catalogue import translator
from service.pages.claims.card_view import sentences_of
from service.pages.claims.desk import about_lead
from service.pages.claims.desk_view import formats_of
from service.pages.claims.lead_links import view_links
from service.pages.claims.reading import called, phrases_of, places, signals_of
from service.pages.claims.why_now import bars, why_now
from service.pages.formats import Formats
from service.pages.line.leads_list import ACTS
from service.pages.names import NAMES
from service.pages.reader import PageCall
from service.pages.rendering import highlighted, render
from service.storage.leads.history import Record
from service.storage.queues.waiting_leads import TakenMeanwhile

MAX_EVENTS = 500


@dataclass(frozen=True, slots=True)
class Chapter:
    """One event in words; `passed_over` when another lead was taken instead."""

    at: datetime
    words: str
    more: tuple[str, ...] = ()
    lead: UUID | None = None
    passed_over: bool = False


async def show_story(call: PageCall) -> Response:
    """The story of a lead; raises LeadNotFound."""
    return await _page(call)


async def act_on_lead(call: PageCall) -> Response:
    """Do one action on this lead, with a reason."""
    from_form = ACTS.get(call.text("action"))
    reason, say = call.text("reason")[:500], translator(call.reader.language)
    if from_form is None or not reason:
        return await _page(call, say("Choose an action, and say why."), 422)
    lead_id = _lead_id(call)
    word = Instruction(call.session.person, reason)
    try:
        await from_form(call, lead_id, word)
    except NextleadError as error:
        return await _page(call, str(error), 409)
    return RedirectResponse(f"/board/leads/{lead_id}", 303)


async def _page(call: PageCall, notice: str = "", status: int = 200) -> Response:
    resources, language = call.resources, call.reader.language
    explained = await view_explanation(resources, _lead_id(call))
    lead = explained.lead
    queue = await resources.stores.directory.queue(lead.signal.queue)
    formats = await formats_of(call, queue)
    records = await view_lead_events(resources, lead.id, after=0, limit=MAX_EVENTS)
    until = next((r.event.at for r in records if r.event.type == "lead.claimed"), formats.now)
    taken = await view_taken_meanwhile(resources, lead, until)
    say, phrases, signals = (
        translator(language),
        await phrases_of(resources, lead),
        signals_of(lead),
    )
    text = lead.signal.text or ""
    client = await view_client(resources, lead)
    names = [called(item, phrases, language) for item in signals]
    return render(
        call,
        "story.html",
        status,
        lead=lead,
        queue=queue,
        f=formats,
        chapters=_chapters(call, formats, records, taken),
        signals=await view_signals(resources, lead.id),
        client=client,
        links=await view_links(resources, lead, client.card if client else None),
        sentences=sentences_of(explained, language),
        text=highlighted(text, places(text, signals, phrases, language)),
        why=why_now(lead, "", names, say, formats),
        bars=bars(lead, say, formats),
        people=[item.operator.name for item in await view_operators(resources)],
        about=about_lead,
        notice=notice,
    )


def _chapters(
    call: PageCall, formats: Formats, records: Sequence[Record], taken: Sequence[TakenMeanwhile]
) -> list[Chapter]:
    """The lead's own events and the claims of other leads, in order of time."""
    say = translator(call.reader.language)
    own = [_own(record, say, formats) for record in records]
    others = [_other(item, say, formats) for item in taken]
    return sorted([*own, *others], key=lambda item: item.at)


def _own(record: Record, say: Any, formats: Formats) -> Chapter:
    event, details = record.event, dict(record.event.details or {})
    words = say(NAMES["event"].get(event.type, event.type))
    more = []
    is_own = event.actor == "nextlead"  # the service's own reasons are for programs
    if not is_own:
        more.append(event.actor)
    if outcome := details.get("outcome"):
        more.append(say(NAMES["outcome"].get(str(outcome), str(outcome))))
    if amount := details.get("amount"):
        more.append(formats.money(str(amount)))
    if until := details.get("until"):
        more.append(say("until {time}", time=formats.moment(_moment(until, event.at))))
    if operator := details.get("operator"):
        more.append(str(operator))
    reason = None if is_own or event.type == "lead.claimed" else event.reason
    more += [str(item) for item in (reason, details.get("note")) if item]
    return Chapter(event.at, words, tuple(dict.fromkeys(more)))


def _other(item: TakenMeanwhile, say: Any, formats: Formats) -> Chapter:
    """A claim of another lead while this one waited, and where that lead stood."""
    explanation = item.details.get("explanation") or {}
    stage = explanation.get("stage") or {}
    way = (item.details.get("decision") or {}).get("way")
    kind = say(NAMES["kind"][item.kind.value])
    words = say(
        "Another lead was taken first: {kind}, by {person}", person=item.operator, kind=kind
    )
    more = []
    if way == "asked_for":
        more.append(say("picked by hand"))
    if isinstance(stage, dict) and "value" in stage:
        more.append(say("it stood at stage {stage}", stage=stage["value"]))
    if "score" in explanation:
        score = formats.number(float(explanation["score"]))
        more.append(say("score {score}", score=score))
    return Chapter(item.at, words, tuple(more), item.lead, passed_over=True)


def _moment(value: Any, otherwise: datetime) -> datetime:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return otherwise


def _lead_id(call: PageCall) -> UUID:
    try:
        return UUID(call.path("lead_id"))
    except ValueError:
        raise LeadNotFound("There is no such lead.") from None
