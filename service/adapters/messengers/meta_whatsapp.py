"""The messages of a WhatsApp number, as Meta's cloud sends them.

`from` is the client's telephone number without the plus. A client who hides his number has only
an id of the business, `from_user_id`.
"""

from collections.abc import Iterator
from typing import Any

from service.adapters.delivery import Delivery
from service.adapters.inbound_event import ClientMessage
from service.adapters.normalise import customer, identifier, name, phone, signal, text, unix_time
from service.adapters.payload import Attributes, enclosed, facts, needed, part, parts
from service.adapters.shops.goods import article, articles
from service.adapters.source import Source
from service.leads.customer import Customer
from service.leads.lead import Channel

NO_WORDS = frozenset({"reaction", "system"})  # likes, and news of a changed number


def read_messages(
    value: dict[str, Any], delivery: Delivery, source: Source
) -> Iterator[ClientMessage]:
    """The clients' words in one change; raises Unreadable when a message has no id or sender."""
    for message in parts(value, "messages"):
        sort = identifier(message.get("type")) or "message"
        if sort in NO_WORDS or message.get("group_id"):
            continue
        raw = signal(
            source,
            delivery,
            Channel.WHATSAPP,
            needed("message's id", message.get("id")),
            at=unix_time(message.get("timestamp")),
            customer=_client(message, value, source),
            text=_words(sort, message),
            items=articles(
                article(
                    item.get("product_retailer_id"), item.get("quantity"), item.get("item_price")
                )
                for item in parts(part(message, "order"), "product_items")
            ),
            attributes=_about(message, value),
        )
        yield ClientMessage(raw)


def _client(message: dict[str, Any], value: dict[str, Any], source: Source) -> Customer | None:
    number = message.get("from")
    client = needed("sender's id", number or message.get("from_user_id"))
    names = {
        identifier(contact.get("wa_id") or contact.get("user_id")): part(contact, "profile")
        for contact in parts(value, "contacts")
    }
    return customer(
        typed_name=name(names.get(client, {}).get("name")),
        typed_phone=phone(number, source.region, international=True),
        messengers={"whatsapp": client},
    )


def _words(sort: str, message: dict[str, Any]) -> str | None:
    raw = part(message, sort)
    match sort:
        case "text":
            return text(raw.get("body"))
        case "button":
            return text(raw.get("text"))
        case "interactive":
            chosen = part(raw, "button_reply") or part(raw, "list_reply")
            answer = name(chosen.get("title"), chosen.get("description"))
            return answer or enclosed(sort, part(raw, "nfm_reply").get("body"))
        case "location":
            return enclosed(sort, raw.get("name"), raw.get("address"))
        case "contacts":
            people = (part(item, "name") for item in parts(message, "contacts"))
            return enclosed(sort, *(person.get("formatted_name") for person in people))
        case "order":
            return enclosed(sort, raw.get("text"))
    return enclosed(sort, raw.get("caption") or raw.get("filename"))


def _about(message: dict[str, Any], value: dict[str, Any]) -> Attributes:
    referral, place = part(message, "referral"), part(message, "location")
    phones = (item for person in parts(message, "contacts") for item in parts(person, "phones"))
    return facts(
        {
            "number": part(value, "metadata").get("display_phone_number"),
            "ad": referral.get("source_id"),
            "ad_title": referral.get("headline"),
            "ad_address": referral.get("source_url"),
            "product": part(message, "context", "referred_product").get("product_retailer_id"),
            "contact": next(phones, {}).get("phone"),
            "latitude": place.get("latitude"),
            "longitude": place.get("longitude"),
        }
    )
