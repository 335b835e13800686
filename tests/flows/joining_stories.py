"""Short ways to say what clients and senders tell, and how a wrong join is undone."""

from typing import Any

from builders import a_signal

from service.flows.leads.correct_signal import correct_signal
from service.flows.leads.receive_signal import Received, receive_signal
from service.flows.leads.split_lead import Split, split_lead
from service.flows.leads.view_leads import view_lead
from service.flows.leads.view_signals import view_signals
from service.leads.customer import Customer
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.leads.duplicates import Sender

PHONE = Customer(phone="8 900 123-45-67")
SAME_PHONE = Customer(phone="+79001234567", email="o@x.ru")
MAIL = Customer(email="O@X.ru")
NICKNAME = Customer(name="olga_drives", messengers={"telegram": "111"})


async def inbound(resources: Resources, **sent: Any) -> Received:
    """A signal comes in now."""
    signal = a_signal(**{"received_at": resources.clock.now(), **sent})
    return await receive_signal(resources, signal, Sender(signal.source))


async def corrected(resources: Resources, **sent: Any) -> Received:
    """A sender tells a signal anew, as it is now."""
    signal = a_signal(**{"received_at": resources.clock.now(), **sent})
    return await correct_signal(resources, signal, Sender(signal.source, may_read=True))


async def present(resources: Resources, received: Received) -> Lead:
    """The lead that a signal came to, as it is now."""
    return await view_lead(resources, received.lead.id)


async def split(resources: Resources, lead: Lead, number: int) -> Split:
    """Signals turn out to be another client's."""
    signals = await view_signals(resources, lead.id)
    return await split_lead(resources, lead.id, {signals[number].id}, "anna", "another client")
