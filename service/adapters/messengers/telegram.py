"""Telegram: messages to the shop's bot, or to its business account.

Contract: core.telegram.org/bots/webhooks.

What a client writes in a private chat is a lead; groups and channels are not, nor is what the
owner of a business account writes into it himself. The first press on Start is a registration.
An edited message takes the place of what it was. A shared contact is the client's own telephone
number only if it says that it is of him who sent it; other contacts are shown, and prove nothing.
Presses on a bot's buttons are talk with the bot.

The secret token stands in a header; nothing is signed. The reply is always empty: Telegram would
execute a method that a reply names. Each bot needs a source of its own: its messages are counted
by themselves.
"""

from collections.abc import Sequence
from typing import Any

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_object
from service.adapters.delivery import Delivery
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.normalise import (
    customer,
    identifier,
    name,
    phone,
    phone_in_words,
    signal,
    text,
    unix_time,
)
from service.adapters.payload import enclosed, facts, needed, part
from service.adapters.signatures import check_token
from service.adapters.source import Source
from service.leads.customer import Customer
from service.leads.lead import Channel

SORTS = {  # each update, and what keeps ids of its messages apart from those of others
    "message": "message",
    "edited_message": "message",
    "business_message": "business",
    "edited_business_message": "business",
}
MEDIA = (
    "photo",
    "voice",
    "video",
    "video_note",
    "animation",  # stands before `document`, which comes beside it
    "document",
    "audio",
    "sticker",
    "venue",  # the same with `location`
    "location",
    "contact",
    "poll",
    "story",
)
NO_WORDS = (
    "pinned_message",
    "message_auto_delete_timer_changed",
    "write_access_allowed",
    "chat_background_set",
)


def _verify(delivery: Delivery, source: Source) -> None:
    raw = delivery.header("x-telegram-bot-api-secret-token")
    check_token(raw, source.secret("secret_token"), "secret token")


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    update = json_object(delivery)
    needed("update's id", update.get("update_id"))
    update_sort = next((sort for sort in SORTS if isinstance(update.get(sort), dict)), None)
    if update_sort is None:
        return []
    message = update[update_sort]
    if not _is_of_client(message) or any(sort in message for sort in NO_WORDS):
        return []
    return [_word(update_sort, message, delivery, source)]


def _is_of_client(message: dict[str, Any]) -> bool:
    """In a private chat both sides have one chat's id: that of the client."""
    chat, sender = part(message, "chat"), part(message, "from")
    return (
        chat.get("type") == "private"
        and identifier(sender.get("id")) == identifier(chat.get("id"))
        and sender.get("is_bot") is not True
    )


def _word(
    update_sort: str, message: dict[str, Any], delivery: Delivery, source: Source
) -> ClientMessage:
    sender, edited_at = part(message, "from"), message.get("edit_date")
    words = _words(message)
    command, _, start = (words or "").partition(" ")
    is_start = command == "/start"
    words = None if is_start else words
    raw = signal(
        source,
        delivery,
        Channel.REGISTRATION if is_start else Channel.TELEGRAM,
        needed(
            "chat's or message's id",
            SORTS[update_sort],
            part(message, "chat").get("id"),
            message.get("message_id"),
        ),
        at=unix_time(edited_at or message.get("date")),
        customer=_client(message, words, source),
        text=words,
        attributes=facts(
            {
                "username": sender.get("username"),
                "language": sender.get("language_code"),
                "contact": part(message, "contact").get("phone_number"),
                "start": start if is_start else None,
            }
        ),
    )
    return ClientMessage(raw, corrects=update_sort.startswith("edited_"))


def _words(message: dict[str, Any]) -> str | None:
    if words := text(message.get("text")):
        return words
    medium = next((sort for sort in MEDIA if sort in message), "message")
    return enclosed(medium, message.get("caption"))


def _client(message: dict[str, Any], words: str | None, source: Source) -> Customer | None:
    sender, contact = part(message, "from"), part(message, "contact")
    own = identifier(contact.get("user_id")) == identifier(sender.get("id"))
    shared = phone(contact.get("phone_number"), source.region, international=True)
    return customer(
        typed_name=name(sender.get("first_name"), sender.get("last_name")),
        typed_phone=shared if own and shared else phone_in_words(words, source.region),
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
