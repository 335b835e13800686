"""The policy as numbers and as text, for a head of sales. All pages share one draft."""

from starlette.responses import Response

from service.flows.policies.edit_draft import discard_draft, store_draft, view_draft
from service.pages.line.board import chosen_queue
from service.pages.policies.mistakes import mistakes_of_policy
from service.pages.policies.number_words import number_words
from service.pages.policies.numbers import (
    OF_KIND,
    cells_of_kinds,
    cells_of_others,
    changed_text,
)
from service.pages.policies.policy_page import policy_page, to_place
from service.pages.reader import PageCall
from service.storage.operators.operators import Queue


async def show_numbers(call: PageCall) -> Response:
    """The numbers as a form."""
    return await _numbers(call, await chosen_queue(call))


async def store_numbers(call: PageCall) -> Response:
    """Store the numbers of the form in the draft."""
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
    return to_place(queue, "/policy")


async def show_text(call: PageCall) -> Response:
    """The text with line numbers and with its mistakes."""
    return await _text(call, await chosen_queue(call))


async def store_text(call: PageCall) -> Response:
    """Store the text as typed. A text with mistakes is a valid draft."""
    queue = await chosen_queue(call)
    text = (call.form.get("text") or [""])[0]
    await store_draft(call.resources, call.session.person, queue.name, text)
    return to_place(queue, "/policy/text")


async def drop_draft(call: PageCall) -> Response:
    """Discard the draft. The policy in force stays."""
    queue = await chosen_queue(call)
    await discard_draft(call.resources, call.session.person, queue.name)
    return to_place(queue, "/policy")


async def _numbers(
    call: PageCall,
    queue: Queue,
    wrong: list[str] | None = None,
    sent: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    working = await view_draft(call.resources, call.session.person, queue.name)
    mistakes = await mistakes_of_policy(call.resources, working.text)
    readable = not any(item.field.startswith("line") for item in mistakes)
    return await policy_page(
        call,
        "policy_numbers.html",
        queue,
        status,
        working=working,
        kinds=cells_of_kinds(working.text) if readable else {},
        others=cells_of_others(working.text) if readable else {},
        columns=OF_KIND,
        words=number_words(call.reader.language, queue),
        mistakes=mistakes,
        wrong=wrong or [],
        sent=sent or {},
    )


async def _text(call: PageCall, queue: Queue) -> Response:
    working = await view_draft(call.resources, call.session.person, queue.name)
    return await policy_page(
        call,
        "policy_text.html",
        queue,
        working=working,
        lines=working.text.count("\n") + 1,
        mistakes=await mistakes_of_policy(call.resources, working.text),
    )
