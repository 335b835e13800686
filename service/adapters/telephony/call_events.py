"""News of incoming calls, as the adapters of all telephone exchanges make it.

A caller who was missed before anything of their call was heard is not on the line any more: they
are to be called back now (rule A8). So is who hangs up unanswered; that the flows see to.
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
    """Who calls, by a number with or without the plus; None for a hidden number without a name."""
    phone = normalise.phone(number, region) or normalise.phone(number, region, international=True)
    phone = phone or town_number(number)
    return normalise.customer(typed_name=normalise.name(name), network_phone=phone)


def town_number(number: object) -> str | None:
    """A number without the town's code, as the network gave it: it can be called from the town."""
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
    """News of the whole call whose id is `call`; raises Unreadable without one.

    `at` is when it happened, `began` when the call came, where that is known: neither is later
    than the news. Where the sender has no sequence of their own, a later phase is of a later order.
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
