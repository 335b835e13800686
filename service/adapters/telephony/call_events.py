"""Updates of incoming calls, in the form that all telephony adapters share.

If a call is first reported as missed, the caller is no longer on the line: they are to be called
back now (rule A8). The same holds for a caller who hangs up unanswered; the flows handle that.
"""

from collections.abc import Mapping
from datetime import datetime

from service.adapters import normalise
from service.adapters.delivery import Delivery
from service.adapters.inbound_event import CallPhase, CallUpdate
from service.adapters.payload import facts, needed
from service.adapters.source import Source
from service.adapters.telephony.extensions import FEWEST_DIGITS
from service.leads.customer import Customer
from service.leads.lead import Channel

ON_THE_LINE = frozenset({CallPhase.RINGING, CallPhase.ANSWERED})
HAVE_AN_EXTENSION = frozenset({CallPhase.ANSWERED, CallPhase.TALKED})
ORDER: Mapping[CallPhase, int] = {phase: number for number, phase in enumerate(CallPhase)}
LONGEST_TOWN_NUMBER = 7


def caller(number: object, region: str, name: object = None) -> Customer | None:
    """The caller, by a number with or without a plus; None for a hidden number without a name."""
    phone = normalise.phone(number, region) or normalise.phone(number, region, international=True)
    phone = phone or town_number(number)
    return normalise.customer(typed_name=normalise.name(name), network_phone=phone)


def town_number(number: object) -> str | None:
    """A number without an area code, as the network gave it; callable from the same town."""
    plain = normalise.text(number) or ""
    is_one = (
        plain.isascii() and plain.isdecimal() and FEWEST_DIGITS <= len(plain) <= LONGEST_TOWN_NUMBER
    )
    return plain if is_one else None


def call_update(
    source: Source,
    delivery: Delivery,
    call: object,
    phase: CallPhase,
    *,
    customer: Customer | None,
    at: datetime | None = None,
    began: datetime | None = None,
    order: int | None = None,
    extension: object = None,
    attributes: Mapping[str, object] | None = None,
) -> CallUpdate:
    """An update of the call with the id `call`; raises Unreadable without an id.

    `at` is when it happened, and `began` when the call came, if known. Neither is later than the
    arrival of the update. When the sender has no sequence numbers, a later phase has a higher
    order.
    """
    happened_at = min(at or delivery.received_at, delivery.received_at)
    signal = normalise.signal(
        source,
        delivery,
        Channel.PHONE,
        needed("call's id", "call", call),
        at=began or happened_at,
        live=phase in ON_THE_LINE,
        customer=customer,
        attributes=facts(attributes or {}),
    )
    number = ORDER[phase] if order is None else order
    return CallUpdate(signal, phase, happened_at, number, _answered_by(phase, extension))


def _answered_by(phase: CallPhase, extension: object) -> str | None:
    return normalise.identifier(extension) if phase in HAVE_AN_EXTENSION else None
