"""Short ways to say what a telephony tells of its calls."""

from datetime import timedelta
from typing import Any

from builders import a_signal
from driven_clock import NOON

from service.adapters.inbound_event import CallPhase, CallUpdate
from service.adapters.source import Source
from service.leads.customer import Customer
from service.leads.lead import Channel

PBX = Source("pbx", "mango", "main", operators={"29": "anna", "30": "boris"})
CALLER = Customer(phone="+79001234567")
RINGING, ANSWERED, MISSED, TALKED = CallPhase


def news(phase: CallPhase, second: int, extension: str | None = None, **sent: Any) -> CallUpdate:
    call, customer = sent.pop("call", "1"), sent.pop("customer", CALLER)
    at = NOON + timedelta(seconds=second)
    signal = a_signal(
        channel=Channel.PHONE,
        received_at=NOON,
        source="pbx",
        external_id=f"call:{call}",
        customer=customer,
    )
    return CallUpdate(signal, phase, at, extension=extension, **sent)
