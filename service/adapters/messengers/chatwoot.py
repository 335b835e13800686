"""Chatwoot: a shared inbox of many channels, hosted by the shop itself or not.

Contract: chatwoot pull requests 13573 and 13892.

A lead is a message that came in, of whatever channel: not what agents wrote, to the client or
privately to each other, and not what happens to conversations. Which channel it was says the
conversation; one that we have no name for counts as the chat on the site.

Signed are the timestamp and the body, and what is older than 5 minutes is refused. Versions before
4.11 do not sign, and neither do inboxes of the sort API before 4.13: for these there is the option
`unsigned`, and then the source's address holds a token. Its times are texts of their own form.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_object
from service.adapters.delivery import Delivery
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.normalise import (
    customer,
    email,
    identifier,
    iso_time,
    name,
    phone,
    phone_in_words,
    signal,
    text,
    unix_time,
)
from service.adapters.payload import Attributes, enclosed, facts, needed, part, parts
from service.adapters.signatures import check_body, check_time
from service.adapters.source import Source
from service.leads.customer import Customer
from service.leads.lead import Channel

WINDOW = timedelta(minutes=5)
INCOMING = frozenset({"incoming", "0"})
CHANNELS: Mapping[str | None, Channel] = {
    "Channel::WebWidget": Channel.SITE_CHAT,
    "Channel::Whatsapp": Channel.WHATSAPP,
    "Channel::Telegram": Channel.TELEGRAM,
    "Channel::FacebookPage": Channel.FACEBOOK,
    "Channel::Email": Channel.EMAIL,
}


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
    if event != "message_created" or message.get("private") is True:
        return []
    if needed("message's type", message.get("message_type")) not in INCOMING:
        return []
    conversation, words = part(message, "conversation"), _words(message)
    raw = signal(
        source,
        delivery,
        CHANNELS.get(identifier(conversation.get("channel")), Channel.SITE_CHAT),
        needed("message's id", "message", message.get("id")),
        at=_moment(message.get("created_at")),
        customer=_contact(message, words, source),
        text=words,
        attributes=_about(message, conversation),
    )
    return [ClientMessage(raw)]


def _words(message: dict[str, Any]) -> str | None:
    subject = part(message, "content_attributes", "email").get("subject")
    lines = [line for item in (subject, message.get("content")) if (line := text(item))]
    words = text("\n".join(lines))
    sorts = (identifier(item.get("file_type")) for item in parts(message, "attachments"))
    attached = next((sort for sort in sorts if sort), None)
    return enclosed(attached, words) if attached else words


def _contact(message: dict[str, Any], words: str | None, source: Source) -> Customer | None:
    """The contact: the sender says who he is, the conversation how to reach him."""
    sender = part(message, "sender") or part(message, "contact")
    existing = {**part(message, "conversation", "meta", "sender")}
    existing |= {field: raw for field, raw in sender.items() if raw}
    typed_phone = phone(existing.get("phone_number"), source.region)
    return customer(
        typed_name=name(existing.get("name")),
        typed_phone=typed_phone or phone_in_words(words, source.region),
        typed_email=email(existing.get("email")),
        messengers={"chatwoot": needed("contact's id", existing.get("id"))},
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
    """A time that is a count of seconds, ISO 8601, or `2020-03-03 13:05:57 UTC`."""
    written = text(raw, 40) or ""
    return unix_time(written) or iso_time(written.removesuffix(" UTC"))


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
