"""VK: messages to a community, orders of its shop, its forms and new members.

Contract: dev.vk.com/api/callback.

A message is a lead. An order of the community's shop is a self order (A2), and a form is a request
from the site (A17). A first consent to messages and joining the community are registrations. A
comment on a post, an article or a photograph is answered without the client present, so it is
offline. Own messages, group chats and all other events are ignored.

The body holds the secret and the community's id; nothing is signed. `confirmation` is answered with
the string that VK shows, all else with `ok`. After too many errors VK stops. An order comes with at
most five of its items, so the bill is the order's total, in hundredths.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import json_object, json_value
from service.adapters.delivery import Delivery, Reply
from service.adapters.ignored import Ignored, IgnoredReason, ignored
from service.adapters.inbound_event import (
    ClientMessage,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
)
from service.adapters.normalise import (
    contact_phones,
    currency,
    customer,
    email,
    money,
    name,
    signal,
    text,
    unix_time,
)
from service.adapters.own_answers import own_answer
from service.adapters.payload import enclosed, facts, needed, part, parts
from service.adapters.shops.goods import article, articles
from service.adapters.signatures import check_any, check_token
from service.adapters.source import Source
from service.leads.errors import NotAuthentic, Unreadable
from service.leads.lead import Channel, Item, Kind

FIRST_GROUP_CHAT = 2_000_000_000
LONGEST_ID = 20
START = "/start"
# the things that clients comment on, by their events, and the field with their number
COMMENTED = {
    "wall_reply": "post_id",
    "market_comment": "item_id",
    "photo_comment": "photo_id",
    "video_comment": "video_id",
    "board_post": "topic_id",
}
EDITS = frozenset({"message_edit", *(f"{name}_edit" for name in COMMENTED)})
DELETIONS = frozenset(f"{name}_delete" for name in COMMENTED)
OVER = ("4", "5", "6")  # orders that are completed, cancelled or returned
OPENING = frozenset(
    {"photo", "video", "audio", "audio_message", "doc", "link", "market", "market_album", "wall"}
    | {"wall_reply", "graffiti", "story", "article", "fwd_messages", "geo", "call", "clip"}
)
NO_WORDS = {
    "sticker": IgnoredReason.STICKER,
    "gift": IgnoredReason.STICKER,
    "poll": IgnoredReason.POLL,
}
EVENTS = {
    "message_typing_state": IgnoredReason.STATUS,
    "message_read": IgnoredReason.STATUS,
    "message_event": IgnoredReason.BUTTON,
    "message_reaction_event": IgnoredReason.REACTION,
    "like_add": IgnoredReason.REACTION,
    "like_remove": IgnoredReason.REACTION,
    "poll_vote_new": IgnoredReason.POLL,
}
OTHER_EVENTS = (
    *("message_deny", "group_", "user_", "wall_", "photo_", "video_", "audio_", "board_"),
    *("market_comment_", "app_payload", "vkpay_", "donut_"),
)

Raw = dict[str, Any]
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


def _check_community(body: Raw, source: Source) -> None:
    check_any(_plain(body.get("group_id")), [source.options.get("group_id", "")], "community's id")


def _plain(raw: object) -> str | None:
    is_number = isinstance(raw, int) and not isinstance(raw, bool)
    return str(raw) if is_number or isinstance(raw, str) else None


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    body = json_object(delivery)
    event = needed("event's type", body.get("type"))
    reader = READERS.get(event)
    if event == "message_reply":
        return _reply(part(body, "object"), delivery)
    if reader is None:
        return ignored(_reason_of(event), event)
    fields = reader(part(body, "object"), source)
    if isinstance(fields, Ignored):
        return [fields]
    if "external_id" not in fields:  # older versions of the API give no event an id
        fields = {**fields, "external_id": needed("event's id", body.get("event_id"))}
    inbound = signal(source, delivery, **fields)
    if event in EDITS:
        return [MessageEdited(inbound)]
    if event in DELETIONS:
        return [MessageDeleted(inbound)]
    is_over = _plain(part(body, "object").get("status")) in OVER
    corrects = event == "market_order_edit"
    return [ClientMessage(inbound, opens=not (corrects and is_over), corrects=corrects)]


def _reply(message: Raw, delivery: Delivery) -> Sequence[InboundEvent]:
    """A message of the community. A person wrote it if VK names the author, else a machine."""
    client, author = _person(message.get("peer_id")), _person(message.get("admin_author_id"))
    if client is None or author is None or int(client) >= FIRST_GROUP_CHAT:
        return ignored(IgnoredReason.OUR_SIDE)
    at = unix_time(message.get("date")) or delivery.received_at
    return own_answer(customer(messengers={"vk": client}), at, author)


def _reason_of(event: str) -> IgnoredReason:
    known = event.startswith(OTHER_EVENTS)
    return EVENTS.get(event, IgnoredReason.OTHER_EVENT if known else IgnoredReason.UNKNOWN_TYPE)


def _message(raw: Raw, source: Source) -> Fields | Ignored:
    message = part(raw, "message") or raw  # older versions send the message without an envelope
    client = _person(needed("sender's id", message.get("from_id")))
    peer = _person(message.get("peer_id"))
    if client is None or _plain(message.get("out")) == "1":
        return Ignored(IgnoredReason.OUR_SIDE)
    if peer is not None and int(peer) >= FIRST_GROUP_CHAT:
        return Ignored(IgnoredReason.GROUP_CHAT)
    words, goods = _words(message), _goods(message)
    if isinstance(words, Ignored):
        return words
    return {
        **_message_id(message, peer or client),
        "channel": Channel.VK,
        "at": unix_time(message.get("update_time")) or unix_time(message.get("date")),
        "customer": customer(messengers={"vk": client}),
        "text": words,
        "items": goods,
        "attributes": facts({"ref": message.get("ref"), "ref_source": message.get("ref_source")}),
    }


def _message_id(message: Raw, peer: str) -> Fields:
    """The number of a message in its conversation, which edits name; old versions have none."""
    number = _person(message.get("conversation_message_id"))
    return {"external_id": f"message:{peer}:{number}"} if number else {}


def _words(message: Raw) -> str | Ignored:
    words = START if _is_start(message) else text(message.get("text"))
    sorts = [text(item.get("type"), 40) for item in parts(message, "attachments")]
    sort = next((item for item in sorts if item), None)
    besides = sort or next((item for item in ("fwd_messages", "geo") if message.get(item)), None)
    if words is None and besides not in OPENING:
        if message.get("action"):
            return Ignored(IgnoredReason.SERVICE_MESSAGE)
        reason = NO_WORDS.get(besides or "", IgnoredReason.UNKNOWN_TYPE)
        return Ignored(reason, besides or "message without words")
    if words is None and besides == "link":
        words = text(next(iter(_links(message)), None), 2000)
    return (enclosed(besides, words) if besides else words) or ""


def _links(message: Raw) -> Iterator[object]:
    return (part(item, "link").get("url") for item in parts(message, "attachments"))


def _is_start(message: Raw) -> bool:
    """Whether the client pressed the button that opens the conversation with a community."""
    try:
        payload = json_value(raw) if isinstance(raw := message.get("payload"), str) else raw
    except Unreadable:
        return False
    return part(payload).get("command") == "start"


def _goods(message: Raw) -> tuple[Item, ...]:
    goods = (part(item, "market") for item in parts(message, "attachments"))
    return articles(_article(good, None, part(good, "price")) for good in goods)


def _order(order: Raw, source: Source) -> Fields:
    recipient = part(order, "recipient")
    phones = contact_phones(
        recipient.get("phone"),
        region=source.region,
        country=part(order, "delivery").get("country") or recipient.get("country"),
    )
    items = articles(
        _article(part(item, "item") or item, item.get("quantity"), part(item, "price"))
        for item in parts(order, "preview_order_items")
    )
    return {
        **_order_id(order),
        "channel": Channel.SITE_ORDER,
        "at": unix_time(order.get("date")),
        "customer": customer(
            typed_name=name(recipient.get("name")),
            typed_phone=phones.first,
            further_phones=phones.others,
            messengers={"vk": _person(order.get("user_id"))},
        ),
        "text": phones.beside(text(order.get("comment"))),
        "items": items,
        "budget": _hundredths(part(order, "total_price")),
        "currency": currency(_currency_of(part(order, "total_price"))),
        "attributes": facts(
            {
                "order": order.get("display_order_id") or order.get("id"),
                "items": order.get("items_count"),
                "address": part(order, "delivery").get("address") or order.get("address"),
            }
        ),
    }


def _changed_order(order: Raw, source: Source) -> Fields:
    """A changed order. Its date is when it was placed, so the time of arrival counts."""
    return {**_order(order, source), "at": None}


def _order_id(order: Raw) -> Fields:
    number, client = _person(order.get("id")), _person(order.get("user_id"))
    return {"external_id": f"order:{client}:{number}"} if number and client else {}


def _article(good: Raw, pieces: object, price: Raw) -> Item | None:
    called = good.get("title") or good.get("name")
    return article(called, pieces, _hundredths(price), _currency_of(price))


def _currency_of(price: Raw) -> object:
    return part(price, "currency").get("name") or part(price, "currency").get("id")


def _hundredths(price: Raw) -> Decimal | None:
    amount = money(price.get("amount"))
    return None if amount is None else money(amount / 100)


def _form(form: Raw, source: Source) -> Fields:
    answers = [(item, _answer(item.get("answer"))) for item in parts(form, "answers")]
    lines = (
        f"{text(item.get('question'), 200) or text(item.get('key'), 200)}: {answer}"
        for item, answer in answers
        if answer
    )
    by_key = {text(item.get("key"), 40): answer for item, answer in answers}
    words = text("\n".join(lines))
    typed = by_key.get("phone_number") or by_key.get("phone")
    phones = contact_phones(typed, region=source.region, country=by_key.get("country"))
    return {
        "channel": Channel.LANDING_FORM,
        "customer": customer(
            typed_name=name(by_key.get("first_name"), by_key.get("last_name")),
            typed_phone=phones.first,
            further_phones=phones.others,
            typed_email=email(by_key.get("email")),
            messengers={"vk": _person(form.get("user_id"))},
        ),
        "text": words,
        "attributes": facts({"form": form.get("form_name"), "ad": form.get("ad_id")}),
    }


def _answer(raw: object) -> str | None:
    """The text of an answer: a text, an object with a value, or a list of them."""
    if isinstance(raw, list):
        return text(", ".join(one for choice in raw[:100] if (one := _answer(choice)))[:2000])
    return text(raw.get("value"), 2000) if isinstance(raw, dict) else text(raw, 2000)


def _comment(comment: Raw, source: Source) -> Fields | Ignored:
    client = _person(needed("sender's id", comment.get("from_id")))
    if client is None:
        return Ignored(IgnoredReason.OUR_SIDE)
    words = _words(comment)
    if isinstance(words, Ignored):
        return words
    return {
        **_comment_id(comment),
        "channel": Channel.VK,
        "kind": Kind.OFFLINE,
        "at": unix_time(comment.get("date")),
        "customer": customer(messengers={"vk": client}),
        "text": words,
        "attributes": facts(
            {
                **{field.removesuffix("_id"): comment.get(field) for field in COMMENTED.values()},
                "comment": comment.get("id"),
            }
        ),
    }


def _changed_comment(comment: Raw, source: Source) -> Fields | Ignored:
    """An edited comment. Its date is when it was written, so the time of arrival counts."""
    fields = _comment(comment, source)
    return fields if isinstance(fields, Ignored) else {**fields, "at": None}


def _deleted_comment(comment: Raw, _source: Source) -> Fields | Ignored:
    client = _person(comment.get("deleter_id"))
    if client is None:
        return Ignored(IgnoredReason.OUR_SIDE)
    client_of = customer(messengers={"vk": client})
    return {**_comment_id(comment), "channel": Channel.VK, "customer": client_of}


def _comment_id(comment: Raw) -> Fields:
    number = _person(comment.get("id"))
    places = ((field, _person(comment.get(field))) for field in COMMENTED.values())
    field, place = next(((name, item) for name, item in places if item), ("", None))
    sort = "" if field == "post_id" else field.removesuffix("_id") + ":"
    return {"external_id": f"comment:{sort}{place}:{number}"} if place and number else {}


def _registration(raw: Raw, _source: Source) -> Fields | Ignored:
    client = _person(needed("member's id", raw.get("user_id")))
    if client is None:
        return Ignored(IgnoredReason.OUR_SIDE)
    return {"channel": Channel.REGISTRATION, "customer": customer(messengers={"vk": client})}


def _person(raw: object) -> str | None:
    """The id of a person; None for a community, whose id is negative, and for a missing id."""
    plain = _plain(raw) or ""
    is_id = plain.isascii() and plain.isdecimal() and len(plain) <= LONGEST_ID
    return plain if is_id and plain != "0" else None


READERS: Mapping[str, Callable[[Raw, Source], Fields | Ignored]] = {
    "message_new": _message,
    "message_edit": _message,
    "market_order_new": _order,
    "market_order_edit": _changed_order,
    "lead_forms_new": _form,
    **{f"{name}_new": _comment for name in COMMENTED},
    **{f"{name}_edit": _changed_comment for name in COMMENTED},
    **{f"{name}_delete": _deleted_comment for name in COMMENTED},
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
