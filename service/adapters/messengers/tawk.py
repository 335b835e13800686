"""tawk.to: the chat on the site, and its form for when nobody is there.

Contract: developer.tawk.to/webhooks.

A chat that a visitor starts is a lead; one that an agent starts is not. Only the first message
comes at once. The rest is in the transcript, about three minutes after the end, and adds to the
lead. There is no telephone field, so the number is taken from the visitor's words. A ticket is a
request from the site (A17), unless an agent wrote it. It may be a mail, with its quotations, or a
program's mail.

A failed delivery is repeated for 12 hours under one event id. The time is not signed, so the id
detects repetitions.
"""

import re
from collections.abc import Sequence
from typing import Any

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_object
from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import ClientMessage, ConversationEnded, InboundEvent
from service.adapters.mail.automatic import why_automatic
from service.adapters.mail.message import Mail
from service.adapters.normalise import (
    customer,
    email,
    identifier,
    iso_time,
    name,
    signal,
    text,
)
from service.adapters.payload import Attributes, enclosed, facts, needed, part, parts
from service.adapters.signatures import check_body
from service.adapters.source import UTC, Source
from service.leads.customer import Customer
from service.leads.lead import Channel

VISITOR = "visitor"
VISITOR_IN_TRANSCRIPT = "v"
WORDS = "msg"
UNNAMED = re.compile(r"V\d{9,20}")  # tawk.to calls a visitor so who gave no name


def _verify(delivery: Delivery, source: Source) -> None:
    check_body(delivery, source.secret("secret"), "x-tawk-signature", algorithm="sha1")


def _once(delivery: Delivery, _source: Source) -> str | None:
    return identifier(delivery.header("x-hook-event-id"))


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    body = json_object(delivery)
    match needed("event", body.get("event")):
        case "chat:start":
            return _start(body, delivery, source)
        case "chat:end":
            ended_at = iso_time(body.get("time"), UTC) or delivery.received_at
            return [ConversationEnded("tawk", needed("chat's id", body.get("chatId")), ended_at)]
        case "chat:transcript_created":
            return _transcript(body, delivery, source)
        case "ticket:create":
            return _ticket(body, delivery, source)
        case event:
            return ignored(IgnoredReason.OTHER_EVENT, event)


def _start(body: dict[str, Any], delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    message = part(body, "message")
    # without a message, the visitor waits for us to begin
    if message and needed("sender's type", part(message, "sender").get("type")) != VISITOR:
        return ignored(IgnoredReason.OUR_SIDE)
    words, visitor = _words(message, "text"), part(body, "visitor")
    chat = needed("chat's id", body.get("chatId"))
    opened = signal(
        source,
        delivery,
        Channel.SITE_CHAT,
        # A visitor may return to a chat with the same id.
        needed("chat's id and time", "start", chat, body.get("time")),
        at=iso_time(body.get("time"), UTC),
        customer=_visitor(visitor, source, words, chat),
        text=words,
        attributes=_about(body, visitor),
    )
    return [ClientMessage(opened)]


def _transcript(body: dict[str, Any], delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    raw = part(body, "chat")
    spoken = [
        words
        for message in parts(raw, "messages")
        if part(message, "sender").get("t") == VISITOR_IN_TRANSCRIPT
        and (words := _words(message, "msg"))
    ]
    if not spoken:
        return ignored(IgnoredReason.EMPTY)
    chat, words = needed("chat's id", raw.get("id")), text("\n".join(spoken))
    added = signal(
        source,
        delivery,
        Channel.SITE_CHAT,
        needed("chat's id and time", "transcript", chat, body.get("time")),
        at=iso_time(body.get("time"), UTC),
        customer=_visitor(part(raw, "visitor"), source, words, chat),
        text=words,
        attributes=_about(body, part(raw, "visitor")),
    )
    return [ClientMessage(added, opens=False)]


def _ticket(body: dict[str, Any], delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    ticket, requester = part(body, "ticket"), part(body, "requester")
    if requester.get("type") == "agent":
        return ignored(IgnoredReason.OUR_SIDE)
    subject, message = text(ticket.get("subject")), text(ticket.get("message"))
    mail = Mail(f"<{text(requester.get('email')) or ''}>", subject, (), plain=message)
    if (reason := why_automatic(mail, names_a_client=False)) is not None:
        return ignored(reason)
    words = text("\n".join(line for line in (subject, mail.words) if line))
    asked = signal(
        source,
        delivery,
        Channel.LANDING_FORM,
        needed("ticket's id", "ticket", ticket.get("id")),
        at=iso_time(body.get("time"), UTC),
        customer=_visitor(requester, source, words, None),
        text=words,
        attributes=_about(body, {}, ticket=ticket.get("humanId")),
    )
    return [ClientMessage(asked)]


def _words(message: dict[str, Any], where: str) -> str | None:
    sort = text(message.get("type"), 40) or WORDS
    raw = message.get(where)
    return text(raw) if sort == WORDS else enclosed(sort, raw)


def _visitor(
    raw: dict[str, Any], source: Source, words: str | None, chat: str | None
) -> Customer | None:
    called = name(raw.get("name"))
    return customer(
        typed_name=None if called and UNNAMED.fullmatch(called) else called,
        typed_email=email(raw.get("email")),
        messengers={"tawk": chat},
    )


def _about(body: dict[str, Any], visitor: dict[str, Any], **more: object) -> Attributes:
    place = {"city": visitor.get("city"), "country": visitor.get("country")}
    return facts({**place, "property": part(body, "property").get("name"), **more})


ADAPTER = Adapter(
    name="tawk",
    title="tawk.to",
    verify=_verify,
    read=_read,
    once=_once,
    secrets={
        "secret": Setting("The secret key that tawk.to shows for the webhook.", required=True)
    },
)
