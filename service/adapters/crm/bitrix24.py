"""Bitrix24: leads, deals, contacts and calls of a CRM, by its outgoing webhook.

Contract: apidocs.bitrix24.com.

A form with nested keys only names what was added. The rest is fetched by the shop's inbound
webhook, in one batch, and the answer is read in `bitrix24_cards`. Calls of the built-in exchange
give the client's number: as CALLER_ID when a call begins, as PHONE_NUMBER when it ends. The event
of an answered call has no number and no direction, so it opens nothing.

Bitrix24 never repeats a delivery, and does not sign the time. A delivery is recognised by its
event, its subject and its time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from service.adapters.adapter import Adapter, Setting
from service.adapters.bodies import nested_form_of
from service.adapters.crm.bitrix24_cards import read_card
from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import CallPhase, InboundEvent, Lookup
from service.adapters.normalise import identifier, iso_time, text, unix_time
from service.adapters.payload import needed, part
from service.adapters.signatures import check_any, check_token
from service.adapters.source import Source
from service.adapters.telephony.call_events import call_update, caller
from service.leads.errors import FieldMistake, NotAuthentic, Unreadable

CARDS = {"ONCRMLEADADD": "lead", "ONCRMDEALADD": "deal", "ONCRMCONTACTADD": "contact"}
HAVE_GOODS = ("lead", "deal")
OURS = (
    "1",
    "5",
)  # made by the shop's people or its robot; 4 is a callback that the client asked for
SUCCESSFUL = "200"
NOBODY = ("", "0")
LONGEST_NUMBER = 18


def _verify(delivery: Delivery, source: Source) -> None:
    try:
        proof = part(nested_form_of(delivery), "auth")
    except Unreadable:
        raise NotAuthentic("The body is no form.") from None
    check_token(_only(proof.get("application_token")), source.secret("application_token"))
    member = source.options.get("member_id")
    if member:
        check_any(_only(proof.get("member_id")), [member], "member_id")


def _only(raw: object) -> str | None:
    return raw if isinstance(raw, str) else None


def _once(delivery: Delivery, _source: Source) -> str | None:
    try:
        body = nested_form_of(delivery)
        return needed("delivery's id", body.get("event"), _subject(body), body.get("ts"))
    except Unreadable:
        return None


def _subject(body: Mapping[str, Any]) -> object:
    data = part(body, "data")
    return data.get("CALL_ID") or part(data, "FIELDS").get("ID")


def _read(delivery: Delivery, source: Source) -> Sequence[InboundEvent]:
    body = nested_form_of(delivery)
    event = needed("event", body.get("event")).upper()
    if event in CARDS:
        return [_question(CARDS[event], _number(_subject(body)))]
    at, call = unix_time(body.get("ts")), part(body, "data")
    match event:
        case "ONVOXIMPLANTCALLINIT" if needed("CALL_TYPE", call.get("CALL_TYPE")) not in OURS:
            return [_began(call, at, delivery, source)]
        case "ONVOXIMPLANTCALLSTART":
            return [_answered(call, at, delivery, source)]
        case "ONVOXIMPLANTCALLEND" if needed("CALL_TYPE", call.get("CALL_TYPE")) not in OURS:
            return [_ended(call, at, delivery, source)]
        case "ONVOXIMPLANTCALLINIT" | "ONVOXIMPLANTCALLEND":
            return ignored(IgnoredReason.OUTGOING_CALL, event)
    return ignored(IgnoredReason.OTHER_EVENT, event)


def _number(raw: object) -> str:
    number = identifier(raw) or ""
    if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER):
        raise Unreadable("The id of what was added is missing or is no number.")
    return number


def _question(card: str, number: str) -> Lookup:
    """One batch for a card, its goods and its contact. A missing part does not stop the batch."""
    asked = {card: f"crm.{card}.get?id={number}"}
    if card in HAVE_GOODS:
        asked["goods"] = f"crm.{card}.productrows.get?id={number}"
        asked["contact"] = f"crm.contact.get?id=$result[{card}][CONTACT_ID]"
    return Lookup("batch", {"halt": 0, "cmd": asked})


def _read_answer(
    delivery: Delivery, source: Source, _question: Lookup, answer: object
) -> Sequence[InboundEvent]:
    event = needed("event", nested_form_of(delivery).get("event")).upper()
    if event not in CARDS:
        raise Unreadable("Nothing was asked about this event.")
    return read_card(CARDS[event], answer, delivery, source)


def _began(call: dict[str, Any], at: Any, delivery: Delivery, source: Source) -> InboundEvent:
    return call_update(
        source,
        delivery,
        call.get("CALL_ID"),
        CallPhase.RINGING,
        customer=caller(call.get("CALLER_ID"), source.region),
        at=at,
        attributes={"line": call.get("PHONE_NUMBER") or call.get("ACCOUNT_SEARCH_ID")},
    )


def _answered(call: dict[str, Any], at: Any, delivery: Delivery, source: Source) -> InboundEvent:
    inbound = call_update(
        source,
        delivery,
        call.get("CALL_ID"),
        CallPhase.ANSWERED,
        customer=None,
        at=at,
        extension=call.get("USER_ID"),
    )
    return replace(inbound, opens=False)


def _ended(call: dict[str, Any], at: Any, delivery: Delivery, source: Source) -> InboundEvent:
    succeeded = text(call.get("CALL_FAILED_CODE")) == SUCCESSFUL
    somebody = text(call.get("PORTAL_USER_ID")) or ""
    talked = succeeded and (text(call.get("CALL_DURATION")) or "0") != "0"
    return call_update(
        source,
        delivery,
        call.get("CALL_ID"),
        CallPhase.TALKED if talked else CallPhase.MISSED,
        customer=caller(call.get("PHONE_NUMBER"), source.region),
        at=at,
        began=iso_time(call.get("CALL_START_DATE"), source.time_zone),
        extension=None if somebody in NOBODY else somebody,
        attributes={"line": call.get("PORTAL_NUMBER"), "seconds": call.get("CALL_DURATION")},
    )


def _check_secrets(secrets: Mapping[str, str]) -> Sequence[FieldMistake]:
    address = secrets.get("rest_url")
    if address is None or _is_a_webhook(address):
        return ()
    remedy = "Copy it whole, as https://example.bitrix24.ru/rest/1/abc123/."
    return (FieldMistake("rest_url", "it is no address of an inbound webhook", remedy),)


def _is_a_webhook(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.netloc) and address.endswith("/")


ADAPTER = Adapter(
    name="bitrix24",
    title="Bitrix24",
    verify=_verify,
    read=_read,
    once=_once,
    read_lookup=_read_answer,
    check_secrets=_check_secrets,
    secrets={
        "application_token": Setting(
            "The token that Bitrix24 shows for the outgoing webhook.", True
        ),
        "rest_url": Setting("The address of an inbound webhook with the right crm.", True),
    },
    options={"member_id": Setting("The only Bitrix24 that may post, by its member_id; or any.")},
)
