"""Chatwoot: a shared inbox of many channels, self-hosted or not.

Contract: chatwoot pull requests 13573 and 13892.

An incoming message of any channel is a lead. Messages and private notes of agents are not, nor are
changes of conversations. The conversation gives the channel; a channel that we do not know counts
as the chat on the site.

The signature covers the timestamp and the body. Deliveries older than 5 minutes are refused.
Versions before 4.11 do not sign, nor do inboxes of the sort API before 4.13. For these there is the
option `unsigned`, and the source's address then holds a token. Its times have a format of their
own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_object
from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import (
    ClientMessage,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
)
from service.adapters.messengers.chatwoot_mail import (
    client_behind,
    mail_in,
    why_no_clients,
    words_of,
)
from service.adapters.normalise import (
    ContactPhones,
    contact_phones,
    customer,
    email,
    identifier,
    iso_time,
    name,
    signal,
    text,
    unix_time,
)
from service.adapters.own_answers import own_answer
from service.adapters.payload import Attributes, enclosed, facts, needed, part, parts
from service.adapters.signatures import check_body, check_time
from service.adapters.source import UTC, Source
from service.leads.customer import Customer
from service.leads.lead import Channel, Signal

WINDOW = timedelta(minutes=5)
LONGEST_BEFORE = timedelta(hours=1)  # how long before its message an edit may arrive
INCOMING = frozenset({"incoming", "0"})
FROM_US = frozenset({"outgoing", "1", "template", "3"})
EVENTS = {
    "conversation_typing_on": IgnoredReason.STATUS,
    "conversation_typing_off": IgnoredReason.STATUS,
}
CHANNELS: Mapping[str | None, Channel] = {
    "Channel::WebWidget": Channel.SITE_CHAT,
    "Channel::Whatsapp": Channel.WHATSAPP,
    "Channel::Telegram": Channel.TELEGRAM,
    "Channel::FacebookPage": Channel.FACEBOOK,
    "Channel::Email": Channel.EMAIL,
}

NETWORKS = (
    "Channel::Whatsapp",
    "Channel::Sms",
    "Channel::TwilioSms",
)  # these networks give the number


def _is_unsigned(options: Mapping[str, str]) -> bool:
    return options.get("unsigned") == "yes"


def _verify(delivery: Delivery, source: Source) -> None:
    if _is_unsigned(source.options):
        return
    timestamp = delivery.header("x-chatwoot-timestamp")
    check_time(timestamp, delivery.received_at, WINDOW)
    check_body(
        delivery,
        source.secret("secret"),
        "x-chatwoot-signature",
        prefix="sha256=",
        before=f"{timestamp}.".encode(),
    )


def _once(delivery: Delivery, _source: Source) -> str | None:
    return identifier(delivery.header("x-chatwoot-delivery"))


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    message = json_object(delivery)
    event = needed("event", message.get("event"))
    if event not in ("message_created", "message_updated"):
        return ignored(EVENTS.get(event, IgnoredReason.OTHER_EVENT), event)
    if event == "message_created" and _is_an_agents(message):
        return _answer(message, delivery)
    if (reason := _not_a_clients(message, source)) is not None:
        return ignored(reason)
    attributes = part(message, "content_attributes")
    raw = _signal(message, delivery, source)
    if attributes.get("deleted") is True:
        return [MessageDeleted(raw)]
    if event == "message_updated":
        is_young = raw.received_at >= delivery.received_at - LONGEST_BEFORE
        edited = replace(raw, received_at=delivery.received_at)
        return [MessageEdited(edited, opens=is_young)]
    return _created(message, raw)


def _is_an_agents(message: dict[str, Any]) -> bool:
    """Whether a person of the shop wrote it to the client: it is no note and not from a machine."""
    is_out = text(message.get("message_type"), 10) in ("outgoing", "1")
    by_rule = part(message, "content_attributes").get("automation_rule_id")
    by_person = text(part(message, "sender").get("type"), 10) in ("user", "User")
    return is_out and by_person and message.get("private") is not True and not by_rule


def _answer(message: dict[str, Any], delivery: Delivery) -> Sequence[InboundEvent]:
    contact = part(message, "conversation", "meta", "sender").get("id")
    at = _moment(message.get("created_at")) or delivery.received_at
    agent = identifier(part(message, "sender").get("id"))
    return own_answer(customer(messengers={"chatwoot": identifier(contact)}), at, agent)


def _created(message: dict[str, Any], raw: Signal) -> Sequence[InboundEvent]:
    content_type = identifier(message.get("content_type"))
    if content_type == "sticker":
        return ignored(IgnoredReason.STICKER)
    if raw.text is None and raw.channel is not Channel.REGISTRATION:
        return ignored(IgnoredReason.UNKNOWN_TYPE, content_type or "message without words")
    return [ClientMessage(raw)]


def _not_a_clients(message: dict[str, Any], source: Source) -> IgnoredReason | None:
    sort = needed("message's type", message.get("message_type"))
    if message.get("private") is True or sort in FROM_US:
        return IgnoredReason.OUR_SIDE
    if sort not in INCOMING:
        return IgnoredReason.SERVICE_MESSAGE
    mail = mail_in(message, _known(message))
    if mail and (reason := why_no_clients(message, mail, source)) is not None:
        return reason
    sender = part(message, "sender") or part(message, "contact")
    labels = part(message, "conversation").get("labels")
    is_spam = sender.get("blocked") is True or (isinstance(labels, list) and "spam" in labels)
    return IgnoredReason.SPAM if is_spam else None


def _signal(message: dict[str, Any], delivery: Delivery, source: Source) -> Signal:
    conversation, words = part(message, "conversation"), _words(message)
    phones = contact_phones(_known(message).get("phone_number"), region=source.region, country=None)
    return signal(
        source,
        delivery,
        CHANNELS.get(identifier(conversation.get("channel")), Channel.SITE_CHAT),
        needed("message's id", "message", message.get("id")),
        at=_moment(message.get("created_at")),
        customer=_contact(message, phones, source),
        text=phones.beside(words),
        attributes=_about(message, conversation),
    )


def _words(message: dict[str, Any]) -> str | None:
    mail = mail_in(message, _known(message))
    words = words_of(mail) if mail else text(message.get("content"))
    sorts = (identifier(item.get("file_type")) for item in parts(message, "attachments"))
    attached = next((sort for sort in sorts if sort), None)
    return enclosed(attached, words) if attached else words


def _known(message: dict[str, Any]) -> dict[str, Any]:
    """The contact: the sender's name, and the addresses from the conversation."""
    sender = part(message, "sender") or part(message, "contact")
    existing = {**part(message, "conversation", "meta", "sender")}
    return existing | {field: raw for field, raw in sender.items() if raw}


def _contact(message: dict[str, Any], phones: ContactPhones, source: Source) -> Customer | None:
    existing, number = _known(message), phones.first
    contact, mail = needed("contact's id", existing.get("id")), mail_in(message, existing)
    if mail and (client := client_behind(mail, source, existing)) is not None:
        return client
    by_network = part(message, "conversation").get("channel") in NETWORKS
    return customer(
        typed_name=name(existing.get("name")),
        network_phone=number if by_network else None,
        typed_phone=None if by_network else number,
        further_phones=phones.others,
        typed_email=email(existing.get("email")) or (email(mail.sender) if mail else None),
        messengers={"chatwoot": contact},
    )


def _about(message: dict[str, Any], conversation: dict[str, Any]) -> Attributes:
    return facts(
        {
            "conversation": conversation.get("id") or conversation.get("display_id"),
            "inbox": part(message, "inbox").get("name"),
            "channel": conversation.get("channel"),
            "assignee": part(conversation, "meta", "assignee").get("name"),
            "page": part(conversation, "additional_attributes").get("referer"),
        }
    )


def _moment(raw: object) -> datetime | None:
    """A time given as seconds, as ISO 8601, or as `2020-03-03 13:05:57 UTC`."""
    written = text(raw, 40) or ""
    return unix_time(written) or iso_time(written.removesuffix(" UTC"), UTC)


ADAPTER = Adapter(
    name="chatwoot",
    title="Chatwoot",
    verify=_verify,
    is_unsigned=_is_unsigned,
    read=_read,
    once=_once,
    secrets={
        "secret": Setting(
            "Chatwoot shows it for the webhook; needed unless the option `unsigned` is `yes`.",
            required=True,
        )
    },
    options={
        "unsigned": Setting(
            "yes: Chatwoot is too old to sign; the source's address ends with a token then.",
            default="no",
            choices=("no", "yes"),
        )
    },
)
