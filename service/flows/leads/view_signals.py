"""Which signals a lead was made of, and which of them one sender told; nothing moves."""

from dataclasses import replace
from uuid import UUID

from service.flows.leads.rebuild_from_signals import rebuild_from_signals
from service.leads.lead import Lead, Signal
from service.resources import Resources
from service.storage.leads.leads import find
from service.storage.leads.signals import (
    Sort,
    StoredSignal,
    has_other_senders,
    signals_of,
    signals_of_sender,
)

MAX_SIGNALS = 500
MAX_OWN = 100  # telling 2,000 again held up everybody for 96 ms


async def view_signals(resources: Resources, lead_id: UUID) -> list[StoredSignal]:
    """The signals that a lead was made of, none when it is made of one; raises LeadNotFound.

    Of a great many, the last ones.
    """
    async with resources.stores.database.transaction() as connection:
        lead = await find(connection, lead_id)
        signals = await signals_of(connection, lead.id)
    reported = [signal for signal in signals if signal.sort is not Sort.CHANGE]
    return reported[-MAX_SIGNALS:] if len(reported) > 1 else []


async def view_own_signals(resources: Resources, lead: Lead, sender: str) -> Signal | None:
    """What a sender themselves told of a lead, as one signal; None when nobody else told anything.

    Of a great many signals, it is the first one with the last ones.
    """
    async with resources.stores.database.transaction() as connection:
        if lead.brought_by == sender and not await has_other_senders(connection, lead.id, sender):
            return None
        own = await signals_of_sender(connection, lead.id, sender, MAX_OWN)
    first = next((item for item in own if item.sort is not Sort.CHANGE), None)
    if first is None:
        existing = lead.signal
        return Signal(existing.queue, existing.channel, existing.received_at, source=sender)
    basis = await resources.stores.bases.of(lead.signal.queue)
    reported = rebuild_from_signals(lead, own[own.index(first) :], basis.policy).signal
    return replace(reported, source=first.source, external_id=first.external_id)
