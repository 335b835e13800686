"""Show the signals of a lead, or those of one sender; nothing changes."""

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
MAX_OWN = 100  # a rebuild from 2,000 signals blocked the loop for 96 ms


async def view_signals(resources: Resources, lead_id: UUID) -> list[StoredSignal]:
    """The signals of a lead, empty when there is only one; raises LeadNotFound.

    Of more than 500, only the last.
    """
    async with resources.stores.database.transaction() as connection:
        lead = await find(connection, lead_id)
        signals = await signals_of(connection, lead.id)
    reported = [signal for signal in signals if signal.sort is not Sort.CHANGE]
    return reported[-MAX_SIGNALS:] if len(reported) > 1 else []


async def view_own_signals(resources: Resources, lead: Lead, sender: str) -> Signal | None:
    """All that one sender told of a lead, as one signal; None when no other sender told anything.

    Of very many signals it uses the last 100.
    """
    database = resources.stores.database
    if lead.brought_by == sender and not await has_other_senders(database, lead.id, sender):
        return None
    async with database.transaction() as connection:
        own = await signals_of_sender(connection, lead.id, sender, MAX_OWN)
    first = next((item for item in own if item.sort is not Sort.CHANGE), None)
    if first is None:
        existing = lead.signal
        return Signal(existing.queue, existing.channel, existing.received_at, source=sender)
    basis = await resources.stores.bases.of(lead.signal.queue)
    reported = rebuild_from_signals(lead, own[own.index(first) :], basis.policy).signal
    return replace(reported, source=first.source, external_id=first.external_id)
