"""What Bitrix24 tells of a lead, a deal or a contact when it is asked.

How a card came says its source: a letter, the shop, a messenger through an open line, else a form
of the site (A17). A lead or contact that the exchange made of a call opens nothing: the call was
heard of already. Nor does a deal or contact made of a lead, or what is closed already. Who is
responsible at Bitrix24 was set by rules of its own, so nobody has taken the lead by that.
"""

from collections.abc import Sequence
from typing import Any

from service.adapters.delivery import Delivery
from service.adapters.inbound_event import Heard, Word
from service.adapters.markup import words_of_codes
from service.adapters.normalise import (
    customer,
    email,
    identifier,
    iso_time,
    money,
    name,
    phone,
    signal,
    text,
)
from service.adapters.payload import facts, needed, part, parts
from service.adapters.shops.goods import article, articles
from service.adapters.source import Source
from service.leads.customer import Customer
from service.leads.errors import Unreadable
from service.leads.lead import Channel

CHANNELS = {
    "EMAIL": Channel.EMAIL,
    "STORE": Channel.SITE_ORDER,
    "WEBFORM": Channel.LANDING_FORM,
    "CALLBACK": Channel.LANDING_FORM,
}
OPEN_LINES = {
    "TELEGRAM": Channel.TELEGRAM,
    "VK": Channel.VK,
    "VIBER": Channel.VIBER,
    "WHATSAPP": Channel.WHATSAPP,
    "FACEBOOK": Channel.FACEBOOK,
    "MAX": Channel.MAX,
}
USUAL = {
    "lead": Channel.LANDING_FORM,
    "deal": Channel.SITE_ORDER,
    "contact": Channel.REGISTRATION,
}
CALL = "CALL"
CLOSED = ("S", "F")
NONE = (None, "", "0", 0)


def read_card(card: str, answer: object, delivery: Delivery, source: Source) -> Sequence[Heard]:
    """The word of who is on a card; nothing when it was deleted. Raises Unreadable."""
    told = _told(card, answer)
    if told is None:
        return []
    found, contact = part(told, card), part(told, "contact")
    heard = signal(
        source,
        delivery,
        _channel(card, found.get("SOURCE_ID")),
        needed("card's id", card, found.get("ID")),
        at=iso_time(found.get("DATE_CREATE"), source.time_zone),
        customer=_client(found, contact, source),
        text=_words(card, found),
        items=articles(
            article(row.get("PRODUCT_NAME"), row.get("QUANTITY"), row.get("PRICE"))
            for row in parts(told, "goods")
        ),
        budget=money(found.get("OPPORTUNITY")) or None,
        attributes=_about(found),
    )
    return [Word(heard, opens=_is_news(card, found))]


def _told(card: str, answer: object) -> dict[str, Any] | None:
    """The parts of a batch by their names; None when there is no such card any more."""
    told = part(answer, "result", "result")
    if part(told, card):
        return told
    failure = part(answer, "result", "result_error", card) or part(answer)
    if (text(failure.get("error_description")) or "").lower() == "not found":
        return None
    code = text(failure.get("error"), 60) or "none"
    raise Unreadable(f"Bitrix24 did not tell of the {card}; its error code: {code}.")


def _channel(card: str, said: object) -> Channel:
    if card == "contact":
        return USUAL[card]
    origin = (text(said, 100) or "").upper()
    _, is_line, connector = origin.partition("|")
    if is_line:
        lines = (known for name, known in OPEN_LINES.items() if connector.startswith(name))
        return next(lines, Channel.SITE_CHAT)
    return CHANNELS.get(origin, USUAL[card])


def _is_news(card: str, found: dict[str, Any]) -> bool:
    is_of_call = found.get("SOURCE_ID") == CALL and card != "deal"
    is_of_lead = found.get("LEAD_ID") not in NONE and card != "lead"
    stage = found.get("STATUS_SEMANTIC_ID") or found.get("STAGE_SEMANTIC_ID")
    return not (is_of_call or is_of_lead or stage in CLOSED or found.get("CLOSED") == "Y")


def _client(found: dict[str, Any], contact: dict[str, Any], source: Source) -> Customer | None:
    cards = (contact, found)
    phones = (phone(one, source.region) for card in cards for one in _values(card, "PHONE"))
    emails = (email(one) for card in cards for one in _values(card, "EMAIL"))
    names = (name(card.get("NAME"), card.get("LAST_NAME")) for card in cards)
    return customer(
        said_name=next((one for one in names if one), None),
        said_phone=next((one for one in phones if one), None),
        said_email=next((one for one in emails if one), None),
        messengers={"bitrix24": identifier(contact.get("ID"))},
    )


def _values(card: dict[str, Any], field: str) -> list[object]:
    return [one.get("VALUE") for one in parts(card, field)]


def _words(card: str, found: dict[str, Any]) -> str | None:
    title = None if card == "contact" else text(found.get("TITLE"), 500)
    comments = words_of_codes(text(found.get("COMMENTS"), 100_000) or "")
    return text("\n".join(one for one in (title, comments) if one))


def _about(found: dict[str, Any]) -> dict[str, object] | None:
    campaign = {key.lower(): said for key, said in found.items() if key.startswith("UTM_")}
    said = {
        "origin": found.get("SOURCE_ID"),
        "origin_text": found.get("SOURCE_DESCRIPTION"),
        "company": found.get("COMPANY_TITLE"),
        "currency": found.get("CURRENCY_ID"),
        "responsible": found.get("ASSIGNED_BY_ID"),
        "city": found.get("ADDRESS_CITY"),
    }
    return facts({**said, **dict(list(campaign.items())[:5])})
