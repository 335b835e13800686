"""The policy for a head of sales: numbers, words, text, preview, versions; one draft for all."""

import re
from typing import Any

from starlette.responses import RedirectResponse, Response

from service.flows.leads.view_leads import view_lead
from service.flows.line.view_queues import view_queues
from service.flows.policies.change_policy import Revision, restore_policy
from service.flows.policies.edit_draft import (
    WorkingText,
    discard_draft,
    put_draft_in_force,
    store_draft,
    view_draft,
)
from service.flows.policies.preview_policy import preview_policy
from service.flows.policies.view_policy import view_policy, view_policy_versions
from service.leads.errors import InvalidRequest, LeadNotFound, PolicyChanged
from service.leads.lead import Lead
from service.pages.catalogue import translator
from service.pages.claims.desk import about_lead
from service.pages.claims.desk_view import formats_of
from service.pages.line.board import chosen_queue
from service.pages.policies.differences import differences
from service.pages.policies.mistakes import PolicyMistake, mistakes_of_policy, with_lines
from service.pages.policies.numbers import (
    NUMBER,
    OF_KIND,
    cells_of_kinds,
    cells_of_others,
    changed_text,
)
from service.pages.policies.policy_words import (
    NUMBERS,
    example_rows,
    with_entry,
    with_new_entry,
    word_rows,
)
from service.pages.reader import PageCall
from service.pages.rendering import render
from service.storage.operators.operators import Queue

MAX_VERSIONS, MAX_MOVES, MAX_WORDS = 50, 20, 40
NEWEST = 2**31 - 1
SIGNAL = re.compile(r"[a-z][a-z0-9_]{0,39}")


async def show_numbers(call: PageCall) -> Response:
    """The numbers as a form."""
    return await _numbers(call, await chosen_queue(call))


async def store_numbers(call: PageCall) -> Response:
    """Numbers of the form into the draft."""
    queue = await chosen_queue(call)
    working = await view_draft(call.resources, call.session.person, queue.name)
    sent = {
        name.removeprefix("n."): values[0].strip()
        for name, values in call.form.items()
        if name.startswith("n.")
    }
    text, wrong = changed_text(working.text, sent)
    if wrong:
        return await _numbers(call, queue, wrong=wrong, sent=sent, status=422)
    if text != working.text:
        await store_draft(call.resources, call.session.person, queue.name, text)
    return _to(queue, "/policy")


async def show_text(call: PageCall) -> Response:
    """The text with the numbers of its lines, and its mistakes."""
    return await _text(call, await chosen_queue(call))


async def store_text(call: PageCall) -> Response:
    """The text as it was typed; one with mistakes is a draft, too."""
    queue = await chosen_queue(call)
    text = (call.form.get("text") or [""])[0]
    await store_draft(call.resources, call.session.person, queue.name, text)
    return _to(queue, "/policy/text")


async def show_words(call: PageCall) -> Response:
    """Words and examples as tables."""
    return await _words(call, await chosen_queue(call))


async def store_words(call: PageCall) -> Response:
    """Another wording of an entry, or a new entry, into the draft."""
    queue, say = await chosen_queue(call), translator(call.reader.language)
    person = call.session.person
    working = await view_draft(call.resources, person, queue.name)
    numbers = {name: call.text(name) for name in NUMBERS if call.text(name)}
    phrases, number, signal = call.text("phrases"), call.text("number"), call.text("signal")
    are_numbers = all(NUMBER.fullmatch(value) for value in numbers.values())
    if not phrases or not are_numbers or (not number and not SIGNAL.fullmatch(signal)):
        notice = say("Give a short Latin name, words with commas, and plain numbers.")
        return await _words(call, queue, notice, 422)
    try:
        if number.isdecimal():
            text = with_entry(working.text, int(number), phrases, numbers)
        else:
            text = with_new_entry(working.text, signal, phrases, numbers)
    except KeyError:
        notice = say("These words are gone from the draft; look at the text.")
        return await _words(call, queue, notice, 409)
    await store_draft(call.resources, person, queue.name, text)
    return _to(queue, "/policy/words")


async def show_preview(call: PageCall) -> Response:
    """Who would move, and what a waiting minute costs before and after."""
    return await _preview(call, await chosen_queue(call))


async def put_in_force(call: PageCall) -> Response:
    """The draft comes into force, with a note."""
    queue, say = await chosen_queue(call), translator(call.reader.language)
    note = call.text("note")[:500] or None
    try:
        await put_draft_in_force(call.resources, call.session.person, queue.name, note)
    except PolicyChanged:
        words = say("Somebody put another version in force meanwhile: compare, then take it over.")
        return await _preview(call, queue, words, 409)
    except InvalidRequest:
        return _to(queue, "/policy/text")
    return _to(queue, "/policy/versions")


async def drop_draft(call: PageCall) -> Response:
    """The draft goes; what is in force stays."""
    queue = await chosen_queue(call)
    await discard_draft(call.resources, call.session.person, queue.name)
    return _to(queue, "/policy")


async def show_versions(call: PageCall) -> Response:
    """All versions; two of them side by side."""
    queue = await chosen_queue(call)
    versions = await view_policy_versions(
        call.resources, queue.name, before=NEWEST, limit=MAX_VERSIONS
    )
    chosen = [call.query(name) for name in ("left", "right")]
    rows, names = None, None
    if all(chosen):
        texts = [await _text_of(call, queue, name) for name in chosen]
        rows, names = differences(*texts), chosen
    return await _page(
        call, "policy_versions.html", queue, versions=versions, rows=rows, names=names
    )


async def restore_version(call: PageCall) -> Response:
    """An earlier version is in force again, as the newest."""
    queue = await chosen_queue(call)
    in_force = await view_policy(call.resources, queue.name)
    number = call.text("version")
    if number.isdecimal() and len(number) < 10:
        note = call.text("note")[:500] or None
        revision = Revision(queue.name, call.session.person, in_force.version, note)
        await restore_policy(call.resources, revision, int(number))
    return _to(queue, "/policy/versions")


async def _text_of(call: PageCall, queue: Queue, name: str) -> str:
    if name == "draft":
        return (await view_draft(call.resources, call.session.person, queue.name)).text
    version = int(name) if name.isdecimal() and len(name) < 10 else 0
    return (await view_policy(call.resources, queue.name, version)).text


async def _numbers(
    call: PageCall,
    queue: Queue,
    wrong: list[str] | None = None,
    sent: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    working = await view_draft(call.resources, call.session.person, queue.name)
    mistakes = await mistakes_of_policy(working.text)
    readable = not any(item.field.startswith("line") for item in mistakes)
    return await _page(
        call,
        "policy_numbers.html",
        queue,
        status,
        working=working,
        kinds=cells_of_kinds(working.text) if readable else {},
        others=cells_of_others(working.text) if readable else {},
        columns=OF_KIND,
        mistakes=mistakes,
        wrong=wrong or [],
        sent=sent or {},
    )


async def _text(call: PageCall, queue: Queue) -> Response:
    working = await view_draft(call.resources, call.session.person, queue.name)
    return await _page(
        call,
        "policy_text.html",
        queue,
        working=working,
        lines=working.text.count("\n") + 1,
        mistakes=await mistakes_of_policy(working.text),
    )


async def _words(call: PageCall, queue: Queue, notice: str = "", status: int = 200) -> Response:
    working = await view_draft(call.resources, call.session.person, queue.name)
    mistakes: list[PolicyMistake] = []
    words: list[Any] = []
    examples: list[Any] = []
    try:
        words, examples = word_rows(working.text, call.reader.language), example_rows(working.text)
    except InvalidRequest as error:
        mistakes = with_lines(working.text, error.mistakes)
    wanted = call.query("w").lower()
    shown = [row for row in words if wanted in f"{row.signal} {row.name} {row.phrases}".lower()]
    return await _page(
        call,
        "policy_words.html",
        queue,
        status,
        working=working,
        words=shown[:MAX_WORDS],
        found=len(shown),
        wanted=wanted,
        examples=examples,
        mistakes=mistakes,
        notice=notice,
        numbers=NUMBERS,
    )


async def _preview(call: PageCall, queue: Queue, notice: str = "", status: int = 200) -> Response:
    working = await view_draft(call.resources, call.session.person, queue.name)
    mistakes = await mistakes_of_policy(working.text)
    preview, leads = None, dict[Any, Lead]()
    if not mistakes:
        preview = await preview_policy(call.resources, queue.name, working.text)
        for move in preview.comparison.greatest[:MAX_MOVES]:
            try:
                lead = await view_lead(call.resources, move.shift.lead_id)
            except LeadNotFound:
                continue
            leads[lead.id] = lead
    return await _page(
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


async def _page(
    call: PageCall, template: str, queue: Queue, status: int = 200, **context: Any
) -> Response:
    if "working" not in context:
        working: WorkingText = await view_draft(call.resources, call.session.person, queue.name)
        context["working"] = working
    return render(
        call,
        template,
        status,
        queue=queue,
        queues=await view_queues(call.resources),
        f=await formats_of(call, queue),
        **context,
    )


def _to(queue: Queue, place: str) -> Response:
    return RedirectResponse(f"{place}?queue={queue.name}", 303)
