"""Which signals a lead was made of, and which of them one sender told; nothing moves."""

from dataclasses import replace
from uuid import UUID

from service.flows.leads.rebuild_from_signals import told_again
from service.leads.lead import Lead, Signal
from service.resources import Resources
from service.storage.leads.leads import find
from service.storage.leads.signals import KeptSignal, Sort, others_told, signals_of, told_by

MOST_SIGNALS = 500
MOST_OWN = 100  # telling 2,000 again held up everybody for 96 ms


async def look_at_signals(resources: Resources, lead_id: UUID) -> list[KeptSignal]:
    """The signals that a lead was made of, none when it is made of one; raises LeadNotFound.

    Of a great many, the last ones.
    """
    async with resources.stores.database.transaction() as connection:
        lead = await find(connection, lead_id)
        signals = await signals_of(connection, lead.id)
    told = [one for one in signals if one.sort is not Sort.CHANGE]
    return told[-MOST_SIGNALS:] if len(told) > 1 else []


async def look_at_own_words(resources: Resources, lead: Lead, sender: str) -> Signal | None:
    """What a sender himself told of a lead, as one signal; None when nobody else told anything.

    Of a great many signals, it is the first one with the last ones.
    """
    async with resources.stores.database.transaction() as connection:
        if lead.brought_by == sender and not await others_told(connection, lead.id, sender):
            return None
        own = await told_by(connection, lead.id, sender, MOST_OWN)
    first = next((one for one in own if one.sort is not Sort.CHANGE), None)
    if first is None:
        known = lead.signal
        return Signal(known.queue, known.channel, known.received_at, source=sender)
    basis = await resources.stores.bases.of(lead.signal.queue)
    told = told_again(lead, own[own.index(first) :], basis.policy).signal
    return replace(told, source=first.source, external_id=first.external_id)
