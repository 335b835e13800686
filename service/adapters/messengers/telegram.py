"""Telegram: messages to the shop's bot or to its business account.

Contract: core.telegram.org/bots/webhooks.

A client's message in a private chat is a lead, and so is a direct message to a channel. Messages in
groups and channels are not, nor are messages of the owner of a business account. The first press on
Start is a registration.

An edited message replaces the earlier one. A shared contact is the client's own telephone number
only if it says that it belongs to the sender; other contacts are shown and prove nothing. Presses
on a bot's buttons are choices in the bot, no leads.

A header holds the secret token; nothing is signed. The reply is always empty, because Telegram
would execute a method named in it. Each bot counts its own messages, so each needs a source of its
own.
"""

from collections.abc import Sequence
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
from service.adapters.normalise import (
    customer,
    identifier,
    name,
    phone,
    signal,
    text,
    unix_time,
)
from service.adapters.own_answers import own_answer
from service.adapters.payload import enclosed, facts, needed, part, parts
from service.adapters.signatures import check_token
from service.adapters.source import Source
from service.leads.customer import Customer
from service.leads.lead import Channel, Signal

SORTS = {  # each update, and the prefix that keeps its message ids apart
    "message": "message",
    "edited_message": "message",
    "business_message": "business",
    "edited_business_message": "business",
}
MAX_DELETED = 100
MEDIA = (
    "photo",
    "voice",
    "video",
    "video_note",
    "animation",  # before `document`, which comes with it
    "document",
    "audio",
    "venue",  # before `location`, which comes with it
    "location",
    "contact",
    "story",
    "paid_media",
    "web_app_data",
    "live_photo",
    "checklist",
)
GROUPS = ("group", "supergroup", "channel")
NO_WORDS = (
    "pinned_message",
    "message_auto_delete_timer_changed",
    "write_access_allowed",
    "chat_background_set",
)
ABOUT_MESSAGES = frozenset(
    {"message_id", "message_thread_id", "from", "chat", "sender_chat", "date", "edit_date"}
    | {"business_connection_id", "reply_to_message", "via_bot", "has_protected_content"}
)
UPDATES = {  # updates that are ignored
    "message_reaction": IgnoredReason.REACTION,
    "message_reaction_count": IgnoredReason.REACTION,
    "poll": IgnoredReason.POLL,
    "poll_answer": IgnoredReason.POLL,
    "callback_query": IgnoredReason.BUTTON,
    "inline_query": IgnoredReason.BUTTON,
    "chosen_inline_result": IgnoredReason.BUTTON,
    "channel_post": IgnoredReason.GROUP_CHAT,
    "edited_channel_post": IgnoredReason.GROUP_CHAT,
    "business_connection": IgnoredReason.SERVICE_MESSAGE,
    "my_chat_member": IgnoredReason.SERVICE_MESSAGE,
    "chat_member": IgnoredReason.SERVICE_MESSAGE,
    "chat_join_request": IgnoredReason.GROUP_CHAT,
}


def _verify(delivery: Delivery, source: Source) -> None:
    raw = delivery.header("x-telegram-bot-api-secret-token")
    check_token(raw, source.secret("secret_token"), "secret token")


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    update = json_object(delivery)
    needed("update's id", update.get("update_id"))
    update_sort = next((sort for sort in SORTS if isinstance(update.get(sort), dict)), None)
    if update_sort is not None:
        return _message(update_sort, update[update_sort], delivery, source)
    if deleted := part(update, "deleted_business_messages"):
        return _deleted(deleted, delivery, source)
    name = next((sort for sort in update if sort != "update_id"), None)
    reason = UPDATES.get(name or "", IgnoredReason.UNKNOWN_TYPE)
    return ignored(reason, name)


def _message(
    update_sort: str, message: dict[str, Any], delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    if update_sort == "business_message" and _is_an_owners(message):
        client = identifier(part(message, "chat").get("id"))
        at = unix_time(message.get("date")) or delivery.received_at
        return own_answer(customer(messengers={"telegram": client}), at)
    if (reason := _nobodys(message)) is not None:
        return ignored(reason)
    if any(sort in message for sort in NO_WORDS):
        return ignored(IgnoredReason.SERVICE_MESSAGE)
    raw = _signal(update_sort, message, delivery, source)
    if not text(message.get("text")) and not any(sort in message for sort in MEDIA):
        names = (sort for sort, value in message.items() if value is not None)
        name = next((sort for sort in names if sort not in ABOUT_MESSAGES), None)
        sorts = {"sticker": IgnoredReason.STICKER, "poll": IgnoredReason.POLL}
        return ignored(sorts.get(name or "", IgnoredReason.UNKNOWN_TYPE), name)
    return [MessageEdited(raw) if update_sort.startswith("edited_") else ClientMessage(raw)]


def _deleted(deleted: dict[str, Any], delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    """The messages deleted from a chat of a business account, by either side."""
    chat, numbers = part(deleted, "chat"), deleted.get("message_ids")
    client = identifier(chat.get("id"))
    return [
        MessageDeleted(
            signal(
                source,
                delivery,
                Channel.TELEGRAM,
                needed("chat's or message's id", "business", client, number),
                customer=customer(messengers={"telegram": client}),
            )
        )
        for number in (numbers if isinstance(numbers, list) else [])[:MAX_DELETED]
    ]


def _is_an_owners(message: dict[str, Any]) -> bool:
    """Whether the owner of a business account wrote it, not a bot or an automatic message."""
    by_machine = message.get("sender_business_bot") or message.get("is_from_offline")
    return _nobodys(message) is IgnoredReason.OUR_SIDE and not by_machine


def _nobodys(message: dict[str, Any]) -> IgnoredReason | None:
    """Why a message is not a client's. In a private chat both sides have the client's chat id."""
    chat, sender = part(message, "chat"), part(message, "from")
    to_channel = chat.get("is_direct_messages") is True
    if chat.get("type") in GROUPS and not to_channel:
        return IgnoredReason.GROUP_CHAT
    if sender.get("is_bot") is True:
        return IgnoredReason.BOT
    client = part(message, "direct_messages_topic", "user") if to_channel else chat
    is_client = identifier(sender.get("id")) == identifier(client.get("id"))
    return None if is_client else IgnoredReason.OUR_SIDE


def _signal(
    update_sort: str, message: dict[str, Any], delivery: Delivery, source: Source
) -> Signal:
    sender, edited_at = part(message, "from"), message.get("edit_date")
    return signal(
        source,
        delivery,
        Channel.TELEGRAM,
        needed(
            "chat's or message's id",
            SORTS[update_sort],
            part(message, "chat").get("id"),
            message.get("message_id"),
        ),
        at=unix_time(edited_at or message.get("date")),
        customer=_client(message, source),
        text=_words(message),
        attributes=facts(
            {
                "username": sender.get("username"),
                "language": sender.get("language_code"),
                "contact": part(message, "contact").get("phone_number"),
            }
        ),
    )


def _words(message: dict[str, Any]) -> str | None:
    if words := text(message.get("text")):
        return words
    medium = next((sort for sort in MEDIA if sort in message), "message")
    checklist = part(message, "checklist")
    tasks = (task.get("text") for task in parts(checklist, "tasks"))
    besides = (message.get("caption"), part(message, "web_app_data").get("data"))
    return enclosed(medium, *besides, checklist.get("title"), *tasks)


def _client(message: dict[str, Any], source: Source) -> Customer | None:
    sender, contact = part(message, "from"), part(message, "contact")
    own = identifier(contact.get("user_id")) == identifier(sender.get("id"))
    shared = phone(contact.get("phone_number"), source.region, international=True)
    return customer(
        typed_name=name(sender.get("first_name"), sender.get("last_name")),
        network_phone=shared if own else None,
        messengers={"telegram": identifier(sender.get("id"))},
    )


ADAPTER = Adapter(
    name="telegram",
    title="Telegram",
    verify=_verify,
    read=_read,
    secrets={
        "secret_token": Setting(
            "The secret_token given to setWebhook: letters, digits, _ and -.", required=True
        )
    },
)
