"""Reads Bitrix24's answer about a lead, a deal or a contact.

The card's source gives the channel: a letter, the shop, a messenger through an open line, else a
form of the site (A17). A lead or contact that the exchange made of a call opens nothing, because
the call itself was reported. A deal or contact made of a lead opens nothing either, nor does a
closed card. Bitrix24's own rules set the responsible person, so that person has not taken the lead.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import ClientMessage, InboundEvent
from service.adapters.markup import words_of_codes
from service.adapters.normalise import (
    ContactPhones,
    contact_phones,
    currency,
    customer,
    email,
    identifier,
    iso_time,
    money,
    name,
    signal,
    text,
)
from service.adapters.payload import facts, needed, part, parts
from service.adapters.shops.goods import article, articles
from service.adapters.source import Source
from service.leads.customer import Customer
from service.leads.errors import Unanswered, Unreadable
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
# Failures that waiting does not mend. Every other failure is temporary.
FINAL = frozenset(
    {"access_denied", "insufficient_scope", "invalid_credentials", "no_auth_found"}
    | {"wrong_auth_type", "error_method_not_found", "error_core", "payment_required"}
    | {"portal_deleted", "invalid_arg_value", "error_argument", "user_access_error"}
)
CALL = "CALL"
CLOSED = ("S", "F")
NONE = (None, "", "0", 0)


def read_card(
    card: str, answer: object, delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    """The message of the client on a card; an ignored event when the card was deleted.

    Parts that Bitrix24 cannot give at the moment are `missing`. Raises Unanswered when the card
    itself is such a part, and Unreadable when it will never be given.
    """
    reported = _shown(card, answer)
    if reported is None:
        return ignored(IgnoredReason.GONE)
    found, contact = part(reported, card), part(reported, "contact")
    failed, phones = dict(_failed(card, answer)), _phones(found, contact, source)
    inbound = signal(
        source,
        delivery,
        _channel(card, found.get("SOURCE_ID")),
        needed("card's id", card, found.get("ID")),
        at=iso_time(found.get("DATE_CREATE"), source.time_zone),
        customer=_client(found, contact, phones),
        text=phones.beside(_words(card, found)),
        items=articles(
            article(row.get("PRODUCT_NAME"), row.get("QUANTITY"), row.get("PRICE"))
            for row in parts(reported, "goods")
        ),
        budget=money(found.get("OPPORTUNITY")) or None,
        currency=currency(found.get("CURRENCY_ID")),
        attributes=_about(found, [beside for beside, code in failed.items() if code in FINAL]),
    )
    opens = _is_news(card, found)
    missing = tuple(beside for beside, code in failed.items() if code not in FINAL)
    return [ClientMessage(inbound, opens, corrects=opens, missing=missing)]


def _shown(card: str, answer: object) -> dict[str, Any] | None:
    """The parts of a batch by their names; None when the card no longer exists."""
    reported = part(answer, "result", "result")
    if part(reported, card):
        return reported
    failure = part(answer, "result", "result_error", card) or part(answer)
    if _is_not_found(failure):
        return None
    code = text(failure.get("error"), 60) or "none"
    message = f"Bitrix24 did not tell of the {card}; its error code: {code}."
    raise Unreadable(message) if code.lower() in FINAL else Unanswered(message)


def _failed(card: str, answer: object) -> Iterator[tuple[str, str]]:
    """The parts of a batch that failed, with their error codes. A deleted part has not failed.

    A contact that the card names is also missing when the batch has neither it nor an error.
    """
    reported = part(answer, "result", "result")
    has_contact = part(reported, card).get("CONTACT_ID") not in NONE and card != "contact"
    for beside in ("goods", "contact") if has_contact else ("goods",):
        failure = part(answer, "result", "result_error", beside)
        if failure and not _is_not_found(failure):
            yield beside, _code(failure)
        elif beside == "contact" and not failure and not part(reported, beside):
            yield beside, "none"


def _code(failure: dict[str, Any]) -> str:
    return (text(failure.get("error"), 60) or "").lower()


def _is_not_found(failure: dict[str, Any]) -> bool:
    described = (text(failure.get("error_description"), 200) or "").lower().rstrip(".")
    return described == "not found" or _code(failure) in ("not_found", "error_not_found")


def _channel(card: str, raw: object) -> Channel:
    if card == "contact":
        return USUAL[card]
    origin = (text(raw, 100) or "").upper()
    _, is_line, connector = origin.partition("|")
    if is_line:
        lines = (existing for name, existing in OPEN_LINES.items() if connector.startswith(name))
        return next(lines, Channel.SITE_CHAT)
    return CHANNELS.get(origin, USUAL[card])


def _is_news(card: str, found: dict[str, Any]) -> bool:
    is_of_call = found.get("SOURCE_ID") == CALL and card != "deal"
    is_of_lead = found.get("LEAD_ID") not in NONE and card != "lead"
    stage = found.get("STATUS_SEMANTIC_ID") or found.get("STAGE_SEMANTIC_ID")
    return not (is_of_call or is_of_lead or stage in CLOSED or found.get("CLOSED") == "Y")


def _phones(found: dict[str, Any], contact: dict[str, Any], source: Source) -> ContactPhones:
    cards = (contact, found)
    values = [value for card in cards for value in _values(card, "PHONE")]
    named = (card.get("ADDRESS_COUNTRY_CODE") or card.get("ADDRESS_COUNTRY") for card in cards)
    country = next((item for item in named if item), None)
    return contact_phones(*values, region=source.region, country=country)


def _client(
    found: dict[str, Any], contact: dict[str, Any], phones: ContactPhones
) -> Customer | None:
    cards = (contact, found)
    emails = (email(value) for card in cards for value in _values(card, "EMAIL"))
    names = (name(card.get("NAME"), card.get("LAST_NAME")) for card in cards)
    return customer(
        typed_name=next((item for item in names if item), None),
        typed_phone=phones.first,
        further_phones=phones.others,
        typed_email=next((item for item in emails if item), None),
        messengers={"bitrix24": identifier(contact.get("ID"))},
    )


def _values(card: dict[str, Any], field: str) -> list[object]:
    return [item.get("VALUE") for item in parts(card, field)]


def _words(card: str, found: dict[str, Any]) -> str | None:
    title = None if card == "contact" else text(found.get("TITLE"), 500)
    comments = words_of_codes(text(found.get("COMMENTS"), 100_000) or "")
    return text("\n".join(item for item in (title, comments) if item))


def _about(found: dict[str, Any], untold: Sequence[str]) -> dict[str, object] | None:
    campaign = {key.lower(): raw for key, raw in found.items() if key.startswith("UTM_")}
    raw = {
        "origin": found.get("SOURCE_ID"),
        "origin_text": found.get("SOURCE_DESCRIPTION"),
        "company": found.get("COMPANY_TITLE"),
        "currency": found.get("CURRENCY_ID"),
        "responsible": found.get("ASSIGNED_BY_ID"),
        "city": found.get("ADDRESS_CITY"),
        "not_told": ", ".join(untold),
    }
    return facts({**raw, **dict(list(campaign.items())[:5])})
