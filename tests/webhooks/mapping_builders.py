"""Mappings for tests, and what is heard by them."""

import json
from typing import Any
from urllib.parse import urlencode

from webhooks.deliveries import a_delivery, a_source

from service.adapters.delivery import Delivery
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.mapping.adapter import ADAPTER
from service.adapters.source import Source
from service.leads.lead import Signal

WORD = {"channel": {"constant": "site_chat"}}


def text_of(**changed: Any) -> str:
    """A mapping of JSON without a proof, and with one event that is always a word."""
    whole = {
        "title": "A test",
        "body": "json",
        "auth": {"scheme": "address"},
        "events": [{"what": "word", "lead": WORD}],
        **changed,
    }
    return json.dumps(whole, ensure_ascii=False)  # JSON is YAML


def mapped(mapping: str | None = None, **more: Any) -> Source:
    """A source with a mapping of its own."""
    return a_source("mapping", mapping=mapping or text_of(), **more)


def shipped(name: str, **more: Any) -> Source:
    """A source with a mapping that comes with the package."""
    return a_source("mapping", options={"shipped": name}, **more)


def json_post(body: bytes | str, headers: dict[str, str] | None = None, **more: Any) -> Delivery:
    """A request with a JSON body."""
    raw = body.encode() if isinstance(body, str) else body
    return a_delivery(raw, {"content-type": "application/json", **(headers or {})}, **more)


def form_post(body: bytes | dict[str, str], headers: dict[str, str] | None = None) -> Delivery:
    """A request with a form, as a browser makes it."""
    raw = body if isinstance(body, bytes) else urlencode(body).encode()
    sort = {"content-type": "application/x-www-form-urlencoded"}
    return a_delivery(raw, {**sort, **(headers or {})})


def inbound(source: Source, delivery: Delivery) -> list[InboundEvent]:
    """What an authentic request says."""
    ADAPTER.verify(delivery, source)
    return list(ADAPTER.read(delivery, source))


def words(body: Any, **changed: Any) -> list[Signal]:
    """The signals of the words that a mapping of JSON makes of a body."""
    found = inbound(mapped(text_of(**changed)), json_post(json.dumps(body)))
    return [word.signal for word in found if isinstance(word, ClientMessage)]


def signal_by(lead: dict[str, Any], body: str, **changed: Any) -> Signal:
    """The signal of the one word that a lead part makes of a JSON body."""
    events = [{"what": "word", "lead": {**WORD, **lead}}]
    (word,) = inbound(mapped(text_of(events=events, **changed)), json_post(body))
    assert isinstance(word, ClientMessage)
    return word.signal
