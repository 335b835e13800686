"""Jivo: the chat and the calls of a site, and its form for when nobody is there.

Contract: jivo.ru/docs/webhooks.

Jivo reports a chat only after an agent accepted it, so its lead is already in work. It never
reports a chat that nobody accepted. The client's words come when the chat has ended, and contacts
whenever somebody learns them; both add to the lead. A message from the form for the night is a lead
of its own. A call comes in steps: it rings, is answered, and ends. A callback that a visitor
ordered is the same, because the visitor waits on the line. A call without an agent was missed
(2.4).

Nothing is signed and nothing is repeated. The address is the secret.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from service.adapters.adapter import Adapter
from service.adapters.bodies import json_object
from service.adapters.delivery import JSON, Delivery, Reply
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import CallPhase, ClientMessage, ConversationEnded, InboundEvent
from service.adapters.normalise import (
    ContactPhones,
    contact_phones,
    customer,
    email,
    identifier,
    name,
    phone,
    signal,
    text,
)
from service.adapters.payload import Attributes, facts, needed, part, parts
from service.adapters.signatures import hash_of
from service.adapters.source import Source
from service.adapters.telephony.call_events import call_update
from service.leads.customer import Customer
from service.leads.lead import Channel, Kind, Signal

STEPS: Mapping[str | None, CallPhase] = {
    "start": CallPhase.RINGING,
    "agent_connected": CallPhase.ANSWERED,
    "client_connected": CallPhase.ANSWERED,
    "error": CallPhase.MISSED,
}
OURS = ("outgoing", "internal")
ADDS = frozenset({"chat_assigned", "chat_updated", "client_updated"})
FINGERPRINT = 16

Body = dict[str, Any]


def _verify(_delivery: Delivery, _source: Source) -> None:
    """Check nothing: only the sender was given the address."""


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    body = json_object(delivery)
    event = needed("event's name", body.get("event_name"))
    match event:
        case "chat_accepted":
            return [_accepted(body, delivery, source)]
        case "chat_finished":
            return _finished(body, delivery, source)
        case "offline_message":
            return [_offline(body, delivery, source)]
        case "call_event":
            return _call(body, delivery, source)
    if event in ADDS:
        return [_added(event, body, delivery, source)]
    return ignored(IgnoredReason.OTHER_EVENT, event)


def _accepted(body: Body, delivery: Delivery, source: Source) -> ClientMessage:
    chat = needed("chat's id", "accepted", body.get("chat_id"))
    agent = identifier(part(body, "agent").get("id"))
    return ClientMessage(_signal(body, delivery, source, chat), taken_by=agent)


def _finished(body: Body, delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    left = ConversationEnded("jivo", _client_id(body), delivery.received_at)
    messages = parts(part(body, "chat"), "messages")
    spoken = [
        text(message.get("message")) for message in messages if message.get("type") == "visitor"
    ]
    words = text("\n".join(item for item in spoken if item))
    if words is None:
        return [left]
    chat = needed("chat's id", "finished", body.get("chat_id"))
    return [ClientMessage(_signal(body, delivery, source, chat, words), opens=False), left]


def _offline(body: Body, delivery: Delivery, source: Source) -> ClientMessage:
    words = text(body.get("message"))
    message = needed("message's id", "offline", body.get("offline_message_id"))
    return ClientMessage(
        _signal(
            body,
            delivery,
            source,
            message,
            words,
            channel=Channel.LANDING_FORM,
            kind=Kind.OFFLINE,
        )
    )


def _added(event: str, body: Body, delivery: Delivery, source: Source) -> ClientMessage:
    """New facts about a client. The same event may come again with more."""
    client = _customer(body, source, None)
    raw = hash_of(repr(client))[:FINGERPRINT]
    existing = needed("client's id", event, body.get("chat_id") or _client_id(body), raw)
    return ClientMessage(_signal(body, delivery, source, existing), opens=False)


def _call(body: Body, delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    call = part(body, "call")
    if call.get("type") in OURS:
        return ignored(IgnoredReason.OUTGOING_CALL)
    agent = identifier(part(body, "agent").get("id"))
    status = needed("call's status", call.get("status"))
    ended = CallPhase.TALKED if agent else CallPhase.MISSED
    phase = ended if status == "end" else STEPS.get(status)
    if phase is None:
        return ignored(IgnoredReason.CALL_STATE, status)
    inbound = call_update(
        source,
        delivery,
        body.get("chat_id"),
        phase,
        customer=_customer(body, source, phone(call.get("phone"), source.region)),
        extension=agent,
        attributes={**(_about(body) or {}), "call": call.get("type"), "reason": call.get("reason")},
    )
    return [inbound]


def _signal(
    body: Body,
    delivery: Delivery,
    source: Source,
    external_id: str,
    words: str | None = None,
    channel: Channel = Channel.SITE_CHAT,
    kind: Kind | None = None,
) -> Signal:
    return signal(
        source,
        delivery,
        channel,
        external_id,
        kind=kind,
        customer=_customer(body, source, None),
        text=_phones(body, source).beside(words),
        attributes=_about(body),
    )


def _customer(body: Body, source: Source, called_from: str | None) -> Customer | None:
    visitor, phones = part(body, "visitor"), _phones(body, source)
    return customer(
        typed_name=name(visitor.get("name")),
        network_phone=called_from,
        typed_phone=phones.first,
        further_phones=phones.others,
        typed_email=email(visitor.get("email")),
        messengers={"jivo": _client_id(body)},
    )


def _phones(body: Body, source: Source) -> ContactPhones:
    country = part(body, "session", "geoip").get("country_code")
    return contact_phones(part(body, "visitor").get("phone"), region=source.region, country=country)


def _client_id(body: Body) -> str:
    """The visitor's number, the same in all their chats; without it, the chat's id."""
    number = identifier(part(body, "visitor").get("number"))
    return number or needed("visitor's number or chat's id", "chat", body.get("chat_id"))


def _about(body: Body) -> Attributes:
    page, place = part(body, "page"), part(body, "session", "geoip")
    return facts(
        {
            "page": page.get("url"),
            "page_title": page.get("title"),
            "city": place.get("city"),
            "country": place.get("country"),
            "utm": part(body, "session").get("utm"),
            "department": part(body, "department").get("name"),
            "description": part(body, "visitor").get("description"),
        }
    )


def _ok(_delivery: Delivery, _source: Source) -> Reply:
    return Reply(body=b'{"result":"ok"}', media_type=JSON)


ADAPTER = Adapter(
    name="jivo",
    title="Jivo",
    verify=_verify,
    read=_read,
    reply=_ok,
    secret_address=True,
)
