"""MAX: messages to the shop's bot (dev.max.ru).

A client's message in their dialog with the bot is a lead. Group chats and channels are not. The
first press on Start is a registration. An edited message replaces the earlier one. A shared contact
is the client's own telephone number only if it says that it belongs to the sender. Presses on a
bot's buttons are choices in the bot, no leads.

A header holds the secret; nothing is signed. Times are in milliseconds. An update does not name its
bot, so each bot needs a source of its own. MAX unsubscribes a bot that has not answered 200 for 8
hours.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_object
from service.adapters.delivery import Delivery
from service.adapters.ignored import Ignored, IgnoredReason, ignored
from service.adapters.inbound_event import (
    ClientMessage,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
)
from service.adapters.normalise import (
    customer,
    identifier,
    name,
    phone,
    signal,
    text,
    unix_time,
)
from service.adapters.payload import enclosed, facts, needed, part, parts
from service.adapters.signatures import check_token
from service.adapters.source import Source
from service.leads.customer import Customer
from service.leads.lead import Channel, Signal

MILLISECOND = timedelta(milliseconds=1)
PHONE_ON_CARD = re.compile(r"^TEL[^:\r\n]{0,100}:([^\r\n]{1,64})", re.IGNORECASE | re.MULTILINE)
NO_WORDS = "inline_keyboard"
GROUPS = ("chat", "channel")
OPENING = frozenset({"image", "video", "audio", "file", "contact", "location", "share"})
OF_CHATS = ("bot_", "user_", "chat_", "dialog_", "message_chat_")


def _verify(delivery: Delivery, source: Source) -> None:
    check_token(delivery.header("x-max-bot-api-secret"), source.secret("secret"), "secret")


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    update = json_object(delivery)
    match needed("update's type", update.get("update_type")):
        case "message_created":
            message = part(update, "message")
            found = _message(message, _moment(message), delivery, source)
            return [found if isinstance(found, Ignored) else ClientMessage(found)]
        case "message_edited":
            found = _message(part(update, "message"), _moment(update), delivery, source)
            return [found if isinstance(found, Ignored) else MessageEdited(found)]
        case "message_removed":
            return [_removed(update, delivery, source)]
        case "bot_started":
            return [_start(update, delivery, source)]
        case "message_callback":
            return ignored(IgnoredReason.BUTTON)
        case name:
            known = name.startswith(OF_CHATS)
            reason = IgnoredReason.SERVICE_MESSAGE if known else IgnoredReason.UNKNOWN_TYPE
            return ignored(reason, name)


def _message(
    message: dict[str, Any], at: datetime | None, delivery: Delivery, source: Source
) -> Signal | Ignored:
    sender, body = part(message, "sender"), part(message, "body")
    chat_type = needed("chat's type", part(message, "recipient").get("chat_type"))
    if chat_type in GROUPS:
        return Ignored(IgnoredReason.GROUP_CHAT)
    if sender.get("is_bot") is True:
        return Ignored(IgnoredReason.BOT)
    words, mid = _words(message), needed("message's id", body.get("mid"))
    if isinstance(words, Ignored):
        needed("sender's id", sender.get("user_id"))
        return words
    return signal(
        source,
        delivery,
        Channel.MAX,
        mid,
        at=at,
        customer=_client(sender, _own_phone(message, source)),
        text=words,
        attributes=facts({"username": sender.get("username")}),
    )


def _removed(update: dict[str, Any], delivery: Delivery, source: Source) -> MessageDeleted:
    gone = signal(
        source,
        delivery,
        Channel.MAX,
        needed("message's id", update.get("message_id")),
        at=_moment(update),
        customer=customer(messengers={"max": identifier(update.get("user_id"))}),
    )
    return MessageDeleted(gone)


def _start(update: dict[str, Any], delivery: Delivery, source: Source) -> ClientMessage:
    user = {"user_id": update.get("user_id"), **part(update, "user")}
    started = signal(
        source,
        delivery,
        Channel.REGISTRATION,
        needed("chat's id or time", "started", update.get("chat_id"), update.get("timestamp")),
        at=_moment(update),
        customer=_client(user, None),
        attributes=facts(
            {
                "username": user.get("username"),
                "language": update.get("user_locale"),
                "start": update.get("payload"),
            }
        ),
    )
    return ClientMessage(started)


def _words(message: dict[str, Any]) -> str | Ignored | None:
    body = part(message, "body")
    sorts = (text(item.get("type"), 40) for item in parts(body, "attachments"))
    attached = next((sort for sort in sorts if sort and sort != NO_WORDS), None)
    words, link = text(body.get("text")), part(message, "link", "message")
    if attached == "sticker" and not words:
        return Ignored(IgnoredReason.STICKER)
    if attached is None and link:
        return words or enclosed("message", link.get("text"))
    if words is None and attached not in OPENING:
        return Ignored(IgnoredReason.UNKNOWN_TYPE, attached)
    if words is None and attached == "share":
        shared = (part(item, "payload").get("url") for item in parts(body, "attachments"))
        words = text(next((url for url in shared if url), None), 2000)
    return enclosed(attached, words) if attached else words


def _own_phone(message: dict[str, Any], source: Source) -> str | None:
    sender = needed("sender's id", part(message, "sender").get("user_id"))
    for attachment in parts(part(message, "body"), "attachments"):
        card = part(attachment, "payload")
        found = PHONE_ON_CARD.search(text(card.get("vcf_info")) or "")
        if found and identifier(part(card, "max_info").get("user_id")) == sender:
            return phone(found[1], source.region, international=True)
    return None


def _client(user: dict[str, Any], own_phone: str | None) -> Customer | None:
    return customer(
        typed_name=name(user.get("first_name"), user.get("last_name")) or name(user.get("name")),
        network_phone=own_phone,
        messengers={"max": needed("user's id", user.get("user_id"))},
    )


def _moment(raw: dict[str, Any]) -> datetime | None:
    return unix_time(raw.get("timestamp"), MILLISECOND)


ADAPTER = Adapter(
    name="max",
    title="MAX",
    verify=_verify,
    read=_read,
    secrets={"secret": Setting("The secret given when the bot was subscribed.", required=True)},
)
