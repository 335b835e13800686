"""A sender only named an event: ask the sender's own interface for its details."""

from collections.abc import Sequence
from datetime import timedelta

import orjson

from service.adapters.bodies import json_value
from service.adapters.inbound_event import ClientMessage, InboundEvent, Lookup
from service.adapters.registry import ADAPTERS
from service.flows.senders.reading import ReadDelivery
from service.leads.errors import Unanswered, Unreadable
from service.resources import Resources

ADDRESS = "rest_url"
MAX_QUESTIONS = 3  # one after the other: an answer may lead to the next question
MAX_ANSWER_BYTES = 4 * 1024 * 1024  # a deal of hundreds of articles
TRIES_FOR_ALL, LONGEST_FOR_ALL = 2, timedelta(seconds=60)
HEADERS = {"content-type": "application/json", "accept": "application/json"}


async def fetch_details(
    resources: Resources, reading: ReadDelivery, question: Lookup, left: int
) -> Sequence[InboundEvent]:
    """Return the events of the answer; `left` is how many questions may still be asked.

    Raises Unanswered when there is no answer, when it reports a failure, or when parts of it may
    come later. Raises Unreadable when it is not understood, or when the source has no address to
    ask. After the second try, or a minute, the known part is enough.
    """
    source = reading.source
    read_lookup, addresses = ADAPTERS[source.adapter].read_lookup, source.secret(ADDRESS)
    if read_lookup is None or not addresses:
        raise Unreadable(f"The sender must be asked, and the source has no secret `{ADDRESS}`.")
    if left <= 0:
        raise Unreadable(f"More than {MAX_QUESTIONS} questions would have to be asked.")
    url = f"{addresses[0].rstrip('/')}/{question.method}"
    body = orjson.dumps(question.parameters)
    answered = await resources.outside.post(url, body, HEADERS, max_bytes=MAX_ANSWER_BYTES)
    if not 200 <= answered.status < 300:
        raise Unanswered(f"The sender answered {question.method} with {answered.status}.")
    found = read_lookup(reading.delivery, source, question, _value(question, answered.body))
    messages = (event for event in found if isinstance(event, ClientMessage))
    missing = [part for message in messages for part in message.missing]
    if missing and _may_wait(resources, reading):
        raise Unanswered(f"The sender did not tell {', '.join(missing)} of it.")
    return found


def _value(question: Lookup, body: bytes) -> object:
    """The answer's value; an answer that is no JSON means "not now", and is asked for again."""
    try:
        return json_value(body)
    except Unreadable:
        raise Unanswered(f"The sender answered {question.method} with no JSON.") from None


def _may_wait(resources: Resources, reading: ReadDelivery) -> bool:
    age = resources.clock.now() - reading.taken.received_at
    return reading.taken.attempts < TRIES_FOR_ALL and age < LONGEST_FOR_ALL
