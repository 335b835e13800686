"""Conversations with a Facebook page in Messenger, or with an Instagram account.

A client has a separate id for each page, and no name or telephone number. Times are in
milliseconds. A press on one of our buttons, a postback, is a message with the button's text; the
button that opens the conversation is a registration. Edits and deletions come under the message's
own id. Instagram announces new messages as edits without
words; these are ignored.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import (
    ClientMessage,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
)
from service.adapters.normalise import customer, identifier, signal, text, unix_time
from service.adapters.own_answers import own_answer
from service.adapters.payload import enclosed, facts, needed, part, parts
from service.adapters.source import Source
from service.leads.lead import Channel, Signal

MILLISECOND = timedelta(milliseconds=1)
PAGE_INBOX = "263902037430900"  # the app id of messages written in the page's inbox
STATUSES = ("delivery", "read")
GET_STARTED = re.compile(r"^\W*get[\W_]*started", re.IGNORECASE)  # as Meta's examples name it
START = "/start"

Reader = Callable[[], Sequence[InboundEvent]]


def readers_of_conversation(
    messenger: str, entry: dict[str, Any], delivery: Delivery, source: Source
) -> Iterator[Reader]:
    """A reader for each event of one page. It raises Unreadable without an id or sender."""
    for event in parts(entry, "messaging"):
        yield partial(_read, messenger, event, delivery, source)
    for _ in parts(entry, "standby"):
        yield partial(ignored, IgnoredReason.OTHER_EVENT, "standby")


def _read(
    messenger: str, event: dict[str, Any], delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    def signal_of(given_id: str, words: str | None) -> Signal:
        return _signal(messenger, event, given_id, words, delivery, source)

    message, postback, edit = (
        part(event, name) for name in ("message", "postback", "message_edit")
    )
    if edit:
        new, message_id = text(edit.get("text")), needed("message's id", edit.get("mid"))
        if new is None:
            return ignored(IgnoredReason.OTHER_EVENT, "message_edit")
        return [MessageEdited(signal_of(message_id, new), words_only=True)]
    if message.get("is_echo"):
        return _echo(messenger, event, delivery)
    if message:
        return _message(message, signal_of)
    if postback:
        is_start = GET_STARTED.search(text(postback.get("payload")) or "") is not None
        words = START if is_start else text(postback.get("title"))
        return [ClientMessage(signal_of(_press(event), words))]
    return _other(event)


def _echo(messenger: str, event: dict[str, Any], delivery: Delivery) -> Sequence[InboundEvent]:
    """A message of the page. People write in the page's inbox, machines through an app."""
    if identifier(part(event, "message").get("app_id")) not in (None, PAGE_INBOX):
        return ignored(IgnoredReason.OUR_SIDE)
    client = identifier(part(event, "recipient").get("id"))
    at = unix_time(event.get("timestamp"), MILLISECOND) or delivery.received_at
    return own_answer(customer(messengers={messenger: client}), at)


def _message(
    message: dict[str, Any], signal_of: Callable[[str, str | None], Signal]
) -> Sequence[InboundEvent]:
    message_id = needed("message's id", message.get("mid"))
    if message.get("is_deleted"):
        return [MessageDeleted(signal_of(message_id, None))]
    words = _words(message)
    if _is_sticker(message):
        return ignored(IgnoredReason.STICKER)
    if words is None:
        return ignored(IgnoredReason.UNKNOWN_TYPE, "message without words")
    return [ClientMessage(signal_of(message_id, words))]


def _other(event: dict[str, Any]) -> Sequence[InboundEvent]:
    sort = next((name for name in event if name not in ("sender", "recipient", "timestamp")), None)
    if sort in STATUSES:
        return ignored(IgnoredReason.STATUS, sort)
    reason = IgnoredReason.REACTION if sort == "reaction" else IgnoredReason.OTHER_EVENT
    return ignored(reason, sort)


def _signal(
    messenger: str,
    event: dict[str, Any],
    given_id: str,
    words: str | None,
    delivery: Delivery,
    source: Source,
) -> Signal:
    referral = part(event, "referral") or part(event, "postback", "referral")
    referral = referral or part(event, "message", "referral")
    return signal(
        source,
        delivery,
        Channel.FACEBOOK,
        given_id,
        at=unix_time(event.get("timestamp"), MILLISECOND),
        customer=customer(
            messengers={messenger: needed("sender's id", part(event, "sender").get("id"))},
        ),
        text=words,
        attributes=facts(
            {
                "ref": referral.get("ref"),
                "ad": referral.get("ad_id"),
                "ad_title": part(referral, "ads_context_data").get("ad_title"),
                "product": part(referral, "product").get("id"),
            }
        ),
    )


def _press(event: dict[str, Any]) -> str:
    """The id of a press. Older versions of the API give none."""
    raw = part(event, "postback").get("mid")
    sender = part(event, "sender").get("id")
    if raw:
        return needed("postback's id", raw)
    return needed("postback's sender or time", "postback", sender, event.get("timestamp"))


def _is_sticker(message: dict[str, Any]) -> bool:
    """Whether it is a sticker. Likes and stickers come as pictures with a sticker's number."""
    stickers = [part(item, "payload").get("sticker_id") for item in parts(message, "attachments")]
    return text(message.get("text")) is None and any([message.get("sticker_id"), *stickers])


def _words(message: dict[str, Any]) -> str | None:
    words = text(message.get("text"))
    sorts = (identifier(item.get("type")) for item in parts(message, "attachments"))
    attached = next((sort for sort in sorts if sort), None)
    return enclosed(attached, words) if attached else words
