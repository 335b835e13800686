"""The messages of a WhatsApp number, as Meta's cloud sends them.

`from` is the client's telephone number without the plus. A client who hides their number has only
an id for this business, `from_user_id`. An edit or a deletion comes as a message of its own that
names the first message. WhatsApp asks for a welcome when a client opens the conversation; it is a
registration, because nothing was written yet.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from service.adapters.bodies import json_value
from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import (
    ClientMessage,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
)
from service.adapters.messengers.meta_messenger import Reader
from service.adapters.normalise import customer, identifier, name, phone, signal, text, unix_time
from service.adapters.own_answers import own_answer
from service.adapters.payload import Attributes, enclosed, facts, needed, part, parts
from service.adapters.shops.goods import article, articles
from service.adapters.source import Source
from service.leads.customer import Customer
from service.leads.errors import Unreadable
from service.leads.lead import Channel, Signal

OPENING = frozenset(
    {"text", "button", "interactive", "location", "contacts", "order"}
    | {"image", "audio", "voice", "video", "document"}
)
IGNORED = {
    "reaction": IgnoredReason.REACTION,
    "sticker": IgnoredReason.STICKER,
    "poll": IgnoredReason.POLL,
    "system": IgnoredReason.SERVICE_MESSAGE,  # the client changed their number
}
WELCOME = "request_welcome"
ABOUT_FORMS = ("flow_token", "wa_flow_response_params")


def readers_of_messages(
    value: dict[str, Any], delivery: Delivery, source: Source
) -> Iterator[Reader]:
    """A reader for each message of one change. It raises Unreadable without an id or sender."""
    for message in parts(value, "messages"):
        yield partial(_read, message, value, delivery, source)
    for status in parts(value, "statuses"):
        yield partial(ignored, IgnoredReason.STATUS, status.get("status"))


def readers_of_echoes(
    value: dict[str, Any], delivery: Delivery, source: Source
) -> Iterator[Reader]:
    """A reader for each message that the shop wrote in the WhatsApp Business app itself."""
    for message in parts(value, "message_echoes"):
        yield partial(_answer, message, delivery, source)


def _answer(message: dict[str, Any], delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    number = identifier(message.get("to"))
    client = customer(
        network_phone=phone(number, source.region, international=True),
        messengers={"whatsapp": number},
    )
    return own_answer(client, unix_time(message.get("timestamp")) or delivery.received_at)


def _read(
    message: dict[str, Any], value: dict[str, Any], delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    sort = identifier(message.get("type")) or "message"
    if message.get("group_id"):
        return ignored(IgnoredReason.GROUP_CHAT)
    if sort in IGNORED:
        return ignored(IGNORED[sort])
    if sort in ("edit", "revoke"):
        return _changed(sort, message, value, delivery, source)
    message_id = needed("message's id", message.get("id"))
    if sort == WELCOME:
        return [ClientMessage(_signal(message_id, message, value, delivery, source, sort))]
    if sort not in OPENING:
        return ignored(IgnoredReason.UNKNOWN_TYPE, sort)
    written = _signal(message_id, message, value, delivery, source, sort)
    if written.text is None and written.channel is not Channel.REGISTRATION:
        return ignored(IgnoredReason.EMPTY, identifier(part(message, sort).get("type")))
    return [ClientMessage(written)]


def _changed(
    sort: str, message: dict[str, Any], value: dict[str, Any], delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    """A message that was edited or deleted. The new message is inside the edit."""
    change = part(message, sort)
    first = needed("first message's id", change.get("original_message_id"))
    if sort == "revoke":
        gone = _signal(first, {**message, "type": "text"}, value, delivery, source, "text")
        return [MessageDeleted(gone)]
    new = {**message, **part(change, "message")}
    new_sort = identifier(new.get("type")) or "message"
    return [MessageEdited(_signal(first, new, value, delivery, source, new_sort))]


def _signal(
    message_id: str,
    message: dict[str, Any],
    value: dict[str, Any],
    delivery: Delivery,
    source: Source,
    sort: str,
) -> Signal:
    is_welcome = sort == WELCOME
    return signal(
        source,
        delivery,
        Channel.REGISTRATION if is_welcome else Channel.WHATSAPP,
        message_id,
        at=unix_time(message.get("timestamp")),
        customer=_client(message, value, source),
        text=None if is_welcome else _words(sort, message),
        items=articles(
            article(
                *(item.get(field) for field in ("product_retailer_id", "quantity")),
                *(item.get(field) for field in ("item_price", "currency")),
            )
            for item in parts(part(message, "order"), "product_items")
        ),
        attributes=_about(message, value),
    )


def _client(message: dict[str, Any], value: dict[str, Any], source: Source) -> Customer | None:
    number = message.get("from")
    client = needed("sender's id", number or message.get("from_user_id"))
    names = {
        identifier(contact.get("wa_id") or contact.get("user_id")): part(contact, "profile")
        for contact in parts(value, "contacts")
    }
    return customer(
        typed_name=name(names.get(client, {}).get("name")),
        network_phone=phone(number, source.region, international=True),
        messengers={"whatsapp": client},
    )


def _words(sort: str, message: dict[str, Any]) -> str | None:
    raw = part(message, sort)
    match sort:
        case "text":
            return text(raw.get("body"))
        case "button":
            return text(raw.get("text"))
        case "interactive":
            chosen = part(raw, "button_reply") or part(raw, "list_reply")
            answer = name(chosen.get("title"), chosen.get("description"))
            return answer or _filled_in(part(raw, "nfm_reply"))
        case "location":
            return enclosed(sort, raw.get("name"), raw.get("address"))
        case "contacts":
            people = (part(item, "name") for item in parts(message, "contacts"))
            return enclosed(sort, *(person.get("formatted_name") for person in people))
        case "order":
            return enclosed(sort, raw.get("text"))
    return enclosed(sort, raw.get("caption") or raw.get("filename"))


def _filled_in(form: dict[str, Any]) -> str | None:
    """A filled-in form, one line per field; None when it is empty."""
    try:
        found = part(json_value(raw)) if isinstance(raw := form.get("response_json"), str) else {}
    except Unreadable:
        found = {}
    lines = (
        f"{field}: {filled}"
        for field, value in found.items()
        if field not in ABOUT_FORMS and (filled := text(value, 500))
    )
    return text("\n".join(lines)) or text(form.get("body"))


def _about(message: dict[str, Any], value: dict[str, Any]) -> Attributes:
    referral, place = part(message, "referral"), part(message, "location")
    phones = (item for person in parts(message, "contacts") for item in parts(person, "phones"))
    return facts(
        {
            "number": part(value, "metadata").get("display_phone_number"),
            "ad": referral.get("source_id"),
            "ad_title": referral.get("headline"),
            "ad_address": referral.get("source_url"),
            "product": part(message, "context", "referred_product").get("product_retailer_id"),
            "contact": next(phones, {}).get("phone"),
            "latitude": place.get("latitude"),
            "longitude": place.get("longitude"),
        }
    )
