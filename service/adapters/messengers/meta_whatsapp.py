"""The messages of a WhatsApp number, as Meta's cloud sends them.

`from` is the client's telephone number without the plus. A client who hides his number has only
an id of the business, `from_user_id`.
"""

from collections.abc import Iterator
from typing import Any

from service.adapters.delivery import Delivery
from service.adapters.inbound_event import Word
from service.adapters.normalise import customer, identifier, name, phone, signal, text, unix_time
from service.adapters.payload import Attributes, enclosed, facts, needed, part, parts
from service.adapters.shops.goods import article, articles
from service.adapters.source import Source
from service.leads.customer import Customer
from service.leads.lead import Channel

NO_WORDS = frozenset({"reaction", "system"})  # likes, and news of a changed number


def read_messages(value: dict[str, Any], delivery: Delivery, source: Source) -> Iterator[Word]:
    """The clients' words in one change; raises Unreadable when a message has no id or sender."""
    for message in parts(value, "messages"):
        sort = identifier(message.get("type")) or "message"
        if sort in NO_WORDS or message.get("group_id"):
            continue
        said = signal(
            source,
            delivery,
            Channel.WHATSAPP,
            needed("message's id", message.get("id")),
            at=unix_time(message.get("timestamp")),
            customer=_client(message, value, source),
            text=_words(sort, message),
            items=articles(
                article(one.get("product_retailer_id"), one.get("quantity"), one.get("item_price"))
                for one in parts(part(message, "order"), "product_items")
            ),
            attributes=_about(message, value),
        )
        yield Word(said)


def _client(message: dict[str, Any], value: dict[str, Any], source: Source) -> Customer | None:
    number = message.get("from")
    client = needed("sender's id", number or message.get("from_user_id"))
    names = {
        identifier(contact.get("wa_id") or contact.get("user_id")): part(contact, "profile")
        for contact in parts(value, "contacts")
    }
    return customer(
        said_name=name(names.get(client, {}).get("name")),
        said_phone=phone(number, source.region, international=True),
        messengers={"whatsapp": client},
    )


def _words(sort: str, message: dict[str, Any]) -> str | None:
    said = part(message, sort)
    match sort:
        case "text":
            return text(said.get("body"))
        case "button":
            return text(said.get("text"))
        case "interactive":
            chosen = part(said, "button_reply") or part(said, "list_reply")
            answer = name(chosen.get("title"), chosen.get("description"))
            return answer or enclosed(sort, part(said, "nfm_reply").get("body"))
        case "location":
            return enclosed(sort, said.get("name"), said.get("address"))
        case "contacts":
            people = (part(one, "name") for one in parts(message, "contacts"))
            return enclosed(sort, *(one.get("formatted_name") for one in people))
        case "order":
            return enclosed(sort, said.get("text"))
    return enclosed(sort, said.get("caption") or said.get("filename"))


def _about(message: dict[str, Any], value: dict[str, Any]) -> Attributes:
    referral, place = part(message, "referral"), part(message, "location")
    phones = (one for person in parts(message, "contacts") for one in parts(person, "phones"))
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
