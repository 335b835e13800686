"""Calls of clients to a WhatsApp number, as Meta's cloud reports them.

A call rings until it is over. Who took it, if anybody did, is not reported, so the seconds of talk
say at its end whether it was missed (rule A8). Calls that the shop makes are not leads.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from service.adapters.delivery import Delivery
from service.adapters.ignored import IgnoredReason, ignored
from service.adapters.inbound_event import CallPhase, InboundEvent
from service.adapters.messengers.meta_messenger import Reader
from service.adapters.normalise import customer, identifier, name, phone, text, unix_time
from service.adapters.payload import needed, part, parts
from service.adapters.source import Source
from service.adapters.telephony.call_events import call_update

OF_CLIENTS = "USER_INITIATED"
RINGS, IS_OVER = "connect", "terminate"
NO_TALK = (None, "0", "0.0")


def readers_of_calls(value: dict[str, Any], delivery: Delivery, source: Source) -> Iterator[Reader]:
    """A reader for each call of one change. It raises Unreadable without an id or caller."""
    for call in parts(value, "calls"):
        yield partial(_read, call, value, delivery, source)
    for status in parts(value, "statuses"):
        yield partial(ignored, IgnoredReason.STATUS, status.get("status"))


def _read(
    call: Mapping[str, Any], value: dict[str, Any], delivery: Delivery, source: Source
) -> Sequence[InboundEvent]:
    event = text(call.get("event"), 40)
    if call.get("direction") != OF_CLIENTS:
        return ignored(IgnoredReason.OUTGOING_CALL, event)
    if event not in (RINGS, IS_OVER):
        return ignored(IgnoredReason.CALL_STATE, event)
    client = needed("caller's id", call.get("from") or call.get("from_user_id"))
    names = {
        identifier(contact.get("wa_id") or contact.get("user_id")): part(contact, "profile")
        for contact in parts(value, "contacts")
    }
    talked = text(call.get("duration")) not in NO_TALK
    ended = CallPhase.TALKED if talked else CallPhase.MISSED
    inbound = call_update(
        source,
        delivery,
        call.get("id"),
        CallPhase.RINGING if event == RINGS else ended,
        customer=customer(
            typed_name=name(names.get(client, {}).get("name")),
            network_phone=phone(call.get("from"), source.region, international=True),
            messengers={"whatsapp": client},
        ),
        at=unix_time(call.get("timestamp")),
        attributes={"line": part(value, "metadata").get("display_phone_number")},
    )
    return [inbound]
