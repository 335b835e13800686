"""Words and examples of a policy as tables. All policy pages share one draft."""

import re
from typing import Any

from starlette.responses import Response

from service.flows.policies.edit_draft import store_draft, view_draft
from service.leads.errors import InvalidRequest
from service.pages.catalogue import translator
from service.pages.line.board import chosen_queue
from service.pages.policies.mistakes import PolicyMistake, with_lines
from service.pages.policies.number_words import entry_words
from service.pages.policies.numbers import NUMBER
from service.pages.policies.policy_page import policy_page, to_place
from service.pages.policies.policy_words import (
    NUMBERS,
    example_rows,
    with_entry,
    with_new_entry,
    word_rows,
)
from service.pages.reader import PageCall
from service.storage.operators.operators import Queue

MAX_WORDS = 40
SIGNAL = re.compile(r"[a-z][a-z0-9_]{0,39}")


async def show_words(call: PageCall) -> Response:
    """Words and examples as tables."""
    return await _words(call, await chosen_queue(call))


async def store_words(call: PageCall) -> Response:
    """Store changed phrases of an entry, or a new entry, in the draft."""
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
    return to_place(queue, "/policy/words")


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
    return await policy_page(
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
        numbers=entry_words(call.reader.language, queue, NUMBERS),
    )
