"""A sender corrects what he told before: an order was changed, a message was edited.

Postgres only, in one transaction, under the lock of the lead that the first word came to: it is
told again with the new one. Then the line. What was told later than this stays.
"""

from collections.abc import Sequence
from dataclasses import replace

from service.flows.leads.apply_payment import hear_of_payment
from service.flows.leads.merge_leads import absorb_leads
from service.flows.leads.rebuild_from_signals import identities_told, told_again
from service.flows.leads.receive_signal import Received, Way, identities_of_signal, receive_signal
from service.flows.leads.store_change import keep_opening
from service.flows.leads.store_facts import store_facts
from service.flows.line.show_in_line import show_all_in_line
from service.leads.lead import MOVES, Lead, Signal, Situation
from service.resources import Resources
from service.storage.customers.customers import freshen_card
from service.storage.database import Connection
from service.storage.leads.duplicates import Sender
from service.storage.leads.history import Event
from service.storage.leads.identities import add_identities, drop_identities, leads_of_identities
from service.storage.leads.merge_target import lock_present
from service.storage.leads.signals import KeptSignal, facts_of, put_signal, signals_of


async def correct_signal(resources: Resources, signal: Signal, sender: Sender) -> Received:
    """The lead of a signal after it was told anew; a new one when it never was told before."""
    received = await receive_signal(resources, signal, sender)
    if received.way is not Way.REPEATED:
        return received
    return await _correct(resources, received.lead, signal, sender)


async def say_who(resources: Resources, signal: Signal, sender: Sender) -> Received:
    """Tell who the client of a known signal is, where that was not said before."""
    received = await receive_signal(resources, signal, sender)
    if received.way is not Way.REPEATED or received.lead.signal.customer is not None:
        return received
    known = received.lead.signal
    told = replace(signal, live=known.live, received_at=known.received_at)
    return await _correct(resources, received.lead, told, sender)


async def _correct(resources: Resources, known: Lead, signal: Signal, sender: Sender) -> Received:
    basis = await resources.stores.bases.of(known.signal.queue)
    identities = identities_of_signal(signal, basis)
    async with resources.stores.database.transaction() as connection:
        of_client = await leads_of_identities(connection, known.signal.queue, identities)
        lead, others = await lock_present(connection, known.id, of_client.values())
        if not MOVES[lead.state]:
            return Received(lead, Way.REPEATED)
        await keep_opening(connection, lead)
        signals = await signals_of(connection, lead.id)
        kept = _told_before(signals, signal)
        if kept is None:
            return Received(lead, Way.REPEATED)
        await freshen_card(connection, signal.customer, resources.clock.now())
        await put_signal(connection, _corrected(kept, signal))
        told = [_corrected(one, signal) if one is kept else one for one in signals]
        lead = await _tell_again(connection, resources, lead, told, sender)
        untold = identities_told([kept], basis.policy) - identities_told(told, basis.policy)
        await drop_identities(connection, lead.id, untold)
        await add_identities(connection, lead, identities)
        changed = await absorb_leads(connection, resources, lead, others, sender.name)
    await show_all_in_line(resources, changed)
    return Received(changed[0], Way.REPEATED)


def _told_before(signals: Sequence[KeptSignal], signal: Signal) -> KeptSignal | None:
    """What was told under the signal's id, unless that was later, or the same."""
    for one in signals:
        if (one.source, one.external_id) == (signal.source, signal.external_id):
            is_newer = one.told_at <= signal.received_at
            return one if is_newer and one != _corrected(one, signal) else None
    return None


def _corrected(kept: KeptSignal, signal: Signal) -> KeptSignal:
    """The client waits since the first word of it, whenever it is told anew."""
    first = replace(signal, received_at=kept.signal.received_at)
    return replace(kept, told_at=signal.received_at, facts=facts_of(first))


async def _tell_again(
    connection: Connection,
    resources: Resources,
    lead: Lead,
    signals: Sequence[KeptSignal],
    sender: Sender,
) -> Lead:
    now = resources.clock.now()
    basis = await resources.stores.bases.of(lead.signal.queue)
    situation = _still_paid(lead, told_again(lead, signals, basis.policy))
    event = Event("lead.changed", now, sender.name, "the sender corrected it")
    changed = await store_facts(connection, resources, lead, situation, event, from_client=False)
    if changed.signal.paid and not lead.signal.paid:
        return await hear_of_payment(connection, resources, changed, sender.name, now)
    return changed


def _still_paid(lead: Lead, told: Situation) -> Situation:
    """Whoever corrects an order does not say again that its money came."""
    return replace(told, signal=replace(told.signal, paid=told.signal.paid or lead.signal.paid))
