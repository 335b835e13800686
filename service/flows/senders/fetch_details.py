"""A sender only named what happened: his own interface is asked what it was."""

from collections.abc import Sequence

import orjson

from service.adapters.bodies import json_value
from service.adapters.delivery import Delivery
from service.adapters.inbound_event import InboundEvent, Lookup
from service.adapters.registry import ADAPTERS
from service.adapters.source import Source
from service.leads.errors import Unanswered, Unreadable
from service.resources import Resources

ADDRESS = "rest_url"
MAX_QUESTIONS = 3  # one after the other, for the answer to one may lead to the next
HEADERS = {"content-type": "application/json", "accept": "application/json"}


async def fetch_details(
    resources: Resources, delivery: Delivery, source: Source, question: Lookup, left: int
) -> Sequence[InboundEvent]:
    """What is heard by the answer; `left` says how many questions may still be asked.

    Raises Unanswered when there is none, or it says that it failed, and Unreadable when it is not
    understood, or when the source does not say where to ask.
    """
    read_lookup, addresses = ADAPTERS[source.adapter].read_lookup, source.secret(ADDRESS)
    if read_lookup is None or not addresses:
        raise Unreadable(f"The sender must be asked, and the source has no secret `{ADDRESS}`.")
    if left <= 0:
        raise Unreadable(f"More than {MAX_QUESTIONS} questions would have to be asked.")
    url = f"{addresses[0].rstrip('/')}/{question.method}"
    answered = await resources.outside.post(url, orjson.dumps(question.parameters), HEADERS)
    if not 200 <= answered.status < 300:
        raise Unanswered(f"The sender answered {question.method} with {answered.status}.")
    return read_lookup(delivery, source, question, json_value(answered.body))
