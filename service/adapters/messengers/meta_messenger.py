"""Conversations with a Facebook page in Messenger, as Meta sends them.

A client has an id of his own for each page, and no name or telephone number. Times are in
milliseconds. A press on a button of ours, a postback, is a word: the button says it.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from service.adapters.delivery import Delivery
from service.adapters.inbound_event import ClientMessage
from service.adapters.normalise import customer, identifier, phone_in_words, signal, text, unix_time
from service.adapters.payload import enclosed, facts, needed, part, parts
from service.adapters.source import Source
from service.leads.lead import Channel

MILLISECOND = timedelta(milliseconds=1)


def read_conversation(
    entry: dict[str, Any], delivery: Delivery, source: Source
) -> Iterator[ClientMessage]:
    """The clients' words to one page; raises Unreadable when one has no id or sender."""
    for event in parts(entry, "messaging"):
        message, postback = part(event, "message"), part(event, "postback")
        if message and not (message.get("is_echo") or message.get("is_deleted")):
            raw = needed("message's id", message.get("mid"))
            yield _word(event, raw, _words(message), delivery, source)
        elif postback:
            yield _word(event, _press(event), text(postback.get("title")), delivery, source)


def _word(
    event: dict[str, Any], given_id: str, words: str | None, delivery: Delivery, source: Source
) -> ClientMessage:
    referral = part(event, "referral") or part(event, "postback", "referral")
    referral = referral or part(event, "message", "referral")
    raw = signal(
        source,
        delivery,
        Channel.FACEBOOK,
        given_id,
        at=unix_time(event.get("timestamp"), MILLISECOND),
        customer=customer(
            typed_phone=phone_in_words(words, source.region),
            messengers={"messenger": needed("sender's id", part(event, "sender").get("id"))},
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
    return ClientMessage(raw)


def _press(event: dict[str, Any]) -> str:
    """The id of a press; older versions of the interface give it none."""
    raw = part(event, "postback").get("mid")
    sender = part(event, "sender").get("id")
    if raw:
        return needed("postback's id", raw)
    return needed("postback's sender or time", "postback", sender, event.get("timestamp"))


def _words(message: dict[str, Any]) -> str | None:
    words = text(message.get("text"))
    sorts = (identifier(item.get("type")) for item in parts(message, "attachments"))
    attached = next((sort for sort in sorts if sort), None)
    return enclosed(attached, words) if attached else words
