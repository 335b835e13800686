"""VK: messages to a community, orders of its shop, its forms and new members.

Contract: dev.vk.com/api/callback.

A message is a lead, an order of the community's shop a self order (A2), a form a request from the
site (A17), a first consent to messages or joining the community a registration. A comment below a
post is handled without the client present, and so is offline. Own messages, group chats and
whatever else is told are nothing to us.

The body holds the secret and the community's id; nothing is signed. `confirmation` is answered
with the string that VK shows, everything else with `ok`: after too many errors VK stops. An order
comes with at most five of its items, so the bill is the order's total, in hundredths.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_object
from service.adapters.delivery import Delivery, Reply
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.normalise import (
    customer,
    email,
    money,
    name,
    phone,
    phone_in_words,
    signal,
    text,
    unix_time,
)
from service.adapters.payload import enclosed, facts, needed, part, parts
from service.adapters.shops.goods import article, articles
from service.adapters.signatures import check_any, check_token
from service.adapters.source import Source
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Item, Kind

FIRST_GROUP_CHAT = 2_000_000_000
LONGEST_ID = 20

Said = dict[str, Any]
Fields = dict[str, Any]


def _verify(delivery: Delivery, source: Source) -> None:
    try:
        body = json_object(delivery)
    except Unreadable as error:
        raise NotAuthentic(str(error)) from None
    _check_community(body, source)
    check_token(_plain(body.get("secret")), source.secret("secret"), "secret")


def _greet(delivery: Delivery, source: Source) -> Reply | None:
    if b"confirmation" not in delivery.body:
        return None
    try:
        body = json_object(delivery)
    except Unreadable:
        return None
    if body.get("type") != "confirmation":
        return None
    _check_community(body, source)
    if "secret" in body:
        check_token(_plain(body["secret"]), source.secret("secret"), "secret")
    return Reply(body=source.options.get("confirmation", "").encode())


def _check_community(body: Said, source: Source) -> None:
    check_any(_plain(body.get("group_id")), [source.options.get("group_id", "")], "community's id")


def _plain(raw: object) -> str | None:
    is_number = isinstance(raw, int) and not isinstance(raw, bool)
    return str(raw) if is_number or isinstance(raw, str) else None


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    body = json_object(delivery)
    reader = READERS.get(needed("event's type", body.get("type")))
    fields = reader(part(body, "object"), source) if reader else None
    if fields is None:
        return []
    event = needed("event's id", body.get("event_id"))
    return [ClientMessage(signal(source, delivery, external_id=event, **fields))]


def _message(raw: Said, source: Source) -> Fields | None:
    message = part(raw, "message") or raw  # older versions send the message itself
    client = _person(needed("sender's id", message.get("from_id")))
    peer = _person(message.get("peer_id"))
    is_own = client is None or _plain(message.get("out")) == "1"
    if is_own or (peer is not None and int(peer) >= FIRST_GROUP_CHAT):
        return None
    words, goods = _words(message), _goods(message)
    return {
        "channel": Channel.VK,
        "at": unix_time(message.get("date")),
        "customer": customer(
            typed_phone=phone_in_words(words, source.region), messengers={"vk": client}
        ),
        "text": words,
        "items": goods,
        "attributes": facts({"ref": message.get("ref"), "ref_source": message.get("ref_source")}),
    }


def _words(message: Said) -> str | None:
    words = text(message.get("text"))
    sort = next((text(item.get("type"), 40) for item in parts(message, "attachments")), None)
    besides = sort or next((item for item in ("fwd_messages", "geo") if message.get(item)), None)
    return enclosed(besides, words) if besides else words


def _goods(message: Said) -> tuple[Item, ...]:
    goods = (part(item, "market") for item in parts(message, "attachments"))
    return articles(_article(good, None, part(good, "price")) for good in goods)


def _order(order: Said, source: Source) -> Fields:
    recipient = part(order, "recipient")
    items = articles(
        _article(part(item, "item") or item, item.get("quantity"), part(item, "price"))
        for item in parts(order, "preview_order_items")
    )
    return {
        "channel": Channel.SITE_ORDER,
        "at": unix_time(order.get("date")),
        "customer": customer(
            typed_name=name(recipient.get("name")),
            typed_phone=phone(recipient.get("phone"), source.region),
            messengers={"vk": _person(order.get("user_id"))},
        ),
        "text": text(order.get("comment")),
        "items": items,
        "budget": _hundredths(part(order, "total_price")),
        "attributes": facts(
            {
                "order": order.get("display_order_id") or order.get("id"),
                "items": order.get("items_count"),
                "address": part(order, "delivery").get("address") or order.get("address"),
            }
        ),
    }


def _article(good: Said, pieces: object, price: Said) -> Item | None:
    return article(good.get("title") or good.get("name"), pieces, _hundredths(price))


def _hundredths(price: Said) -> Decimal | None:
    amount = money(price.get("amount"))
    return None if amount is None else money(amount / 100)


def _form(form: Said, source: Source) -> Fields:
    answers = [(item, _answer(item.get("answer"))) for item in parts(form, "answers")]
    lines = (
        f"{text(item.get('question'), 200) or text(item.get('key'), 200)}: {answer}"
        for item, answer in answers
        if answer
    )
    by_key = {text(item.get("key"), 40): answer for item, answer in answers}
    words = text("\n".join(lines))
    typed_phone = phone(by_key.get("phone_number") or by_key.get("phone"), source.region)
    return {
        "channel": Channel.LANDING_FORM,
        "customer": customer(
            typed_name=name(by_key.get("first_name"), by_key.get("last_name")),
            typed_phone=typed_phone or phone_in_words(words, source.region),
            typed_email=email(by_key.get("email")),
            messengers={"vk": _person(form.get("user_id"))},
        ),
        "text": words,
        "attributes": facts({"form": form.get("form_name"), "ad": form.get("ad_id")}),
    }


def _answer(raw: object) -> str | None:
    """The text of an answer: a text, an object with a value, or a list of either."""
    if isinstance(raw, list):
        return text(", ".join(one for choice in raw[:100] if (one := _answer(choice)))[:2000])
    return text(raw.get("value"), 2000) if isinstance(raw, dict) else text(raw, 2000)


def _comment(comment: Said, source: Source) -> Fields | None:
    client = _person(needed("sender's id", comment.get("from_id")))
    if client is None:
        return None
    words = _words(comment)
    return {
        "channel": Channel.VK,
        "kind": Kind.OFFLINE,
        "at": unix_time(comment.get("date")),
        "customer": customer(
            typed_phone=phone_in_words(words, source.region), messengers={"vk": client}
        ),
        "text": words,
        "attributes": facts({"post": comment.get("post_id"), "comment": comment.get("id")}),
    }


def _registration(raw: Said, _source: Source) -> Fields | None:
    client = _person(needed("member's id", raw.get("user_id")))
    if client is None:
        return None
    return {"channel": Channel.REGISTRATION, "customer": customer(messengers={"vk": client})}


def _person(raw: object) -> str | None:
    """The id of a person; None for a community, which has one below zero, and for nobody."""
    plain = _plain(raw) or ""
    is_id = plain.isascii() and plain.isdecimal() and len(plain) <= LONGEST_ID
    return plain if is_id and plain != "0" else None


READERS: Mapping[str, Callable[[Said, Source], Fields | None]] = {
    "message_new": _message,
    "market_order_new": _order,
    "lead_forms_new": _form,
    "wall_reply_new": _comment,
    "group_join": _registration,
    "message_allow": _registration,
}

ADAPTER = Adapter(
    name="vk",
    title="VK",
    verify=_verify,
    read=_read,
    greet=_greet,
    reply=lambda _delivery, _source: Reply(body=b"ok"),
    secrets={
        "secret": Setting("The secret key of the community's callback server.", required=True)
    },
    options={
        "group_id": Setting("The community's id, digits only.", required=True),
        "confirmation": Setting("The string that VK shows for the server.", required=True),
    },
)
