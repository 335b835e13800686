"""Viber: messages to the shop's bot (developers.viber.com).

A message is a lead, and the first opening of the conversation is a registration. Statuses of our
own messages are neither. Viber does not say whose contact a client sends: one with the client's own
name, or without a name, is their number; any other is shown and proves nothing.

The bot's own token signs the body. The event `webhook` at set-up must be answered with 200. Times
are in milliseconds, and message tokens have 19 digits. Viber does not name the bot of an event, so
each bot needs a source of its own.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_object
from service.adapters.delivery import Delivery, Reply
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.normalise import (
    customer,
    identifier,
    name,
    phone,
    signal,
    text,
    unix_time,
)
from service.adapters.payload import enclosed, facts, needed, part
from service.adapters.signatures import check_body
from service.adapters.source import Source
from service.leads.errors import Unreadable
from service.leads.lead import Channel, Signal

MILLISECOND = timedelta(milliseconds=1)
OPENING = frozenset({"text", "picture", "video", "file", "contact", "location", "url"})
EVENTS = {
    **dict.fromkeys(("delivered", "seen", "failed", "action"), IgnoredReason.STATUS),
    **dict.fromkeys(("subscribed", "unsubscribed", "webhook"), IgnoredReason.SERVICE_MESSAGE),
    "client_status": IgnoredReason.STATUS,
}


def _verify(delivery: Delivery, source: Source) -> None:
    check_body(delivery, source.secret("auth_token"), "x-viber-content-signature")


def _greet(delivery: Delivery, source: Source) -> Reply | None:
    if b"webhook" not in delivery.body:
        return None
    _verify(delivery, source)
    try:
        event = json_object(delivery).get("event")
    except Unreadable:
        return None
    return Reply() if event == "webhook" else None


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    body = json_object(delivery)
    match needed("event", body.get("event")):
        case "message":
            message = _message(body, delivery, source)
            sort = identifier(part(body, "message").get("type")) or "message"
            is_empty = message.text is None and message.channel is not Channel.REGISTRATION
            if sort == "text" and is_empty:
                return ignored(IgnoredReason.EMPTY)
            if sort not in OPENING:
                known = sort == "sticker"
                reason = IgnoredReason.STICKER if known else IgnoredReason.UNKNOWN_TYPE
                return ignored(reason, sort)
            return [ClientMessage(message)]
        case "conversation_started":
            return [ClientMessage(_start(body, delivery, source))]
        case event:
            return ignored(EVENTS.get(event, IgnoredReason.UNKNOWN_TYPE), event)


def _message(body: dict[str, Any], delivery: Delivery, source: Source) -> Signal:
    message, sender = part(body, "message"), part(body, "sender")
    words, contact, place = _words(message), part(message, "contact"), part(message, "location")
    is_own = _is_own(contact, sender)
    shared = phone(contact.get("phone_number"), source.region, international=True)
    return signal(
        source,
        delivery,
        Channel.VIBER,
        needed("message's token", "message", body.get("message_token")),
        at=unix_time(body.get("timestamp"), MILLISECOND),
        customer=customer(
            typed_name=name(sender.get("name")),
            typed_phone=shared if is_own else None,
            messengers={"viber": needed("sender's id", sender.get("id"))},
        ),
        text=words,
        attributes=_about(
            sender,
            contact=contact.get("name"),
            contact_phone=None if is_own else contact.get("phone_number"),
            latitude=place.get("lat"),
            longitude=place.get("lon"),
        ),
    )


def _is_own(contact: dict[str, Any], sender: dict[str, Any]) -> bool:
    """Whether a contact is the sender's own: the button for it sends their own name, or none."""
    named = name(contact.get("name"))
    return named is None or named.casefold() == (name(sender.get("name")) or "").casefold()


def _start(body: dict[str, Any], delivery: Delivery, source: Source) -> Signal:
    user = part(body, "user")
    return signal(
        source,
        delivery,
        Channel.REGISTRATION,
        needed("message's token", "started", body.get("message_token")),
        at=unix_time(body.get("timestamp"), MILLISECOND),
        customer=customer(
            typed_name=name(user.get("name")),
            messengers={"viber": needed("user's id", user.get("id"))},
        ),
        attributes=_about(user, start=body.get("context")),
    )


def _words(message: dict[str, Any]) -> str | None:
    sort, words = identifier(message.get("type")) or "message", text(message.get("text"))
    if sort == "text":
        return words
    link = message.get("media") if sort == "url" and words is None else None
    return enclosed(sort, words, link, message.get("file_name"))


def _about(person: dict[str, Any], **more: object) -> dict[str, object] | None:
    return facts({"country": person.get("country"), "language": person.get("language"), **more})


ADAPTER = Adapter(
    name="viber",
    title="Viber",
    verify=_verify,
    read=_read,
    greet=_greet,
    secrets={"auth_token": Setting("The bot's own token, from its admin page.", required=True)},
)
