"""A sender corrects a signal: for example, an order was changed.

One transaction writes Postgres only, under the lock of the lead that the signal came to. The lead
is rebuilt with the corrected signal; then the line is updated. Newer versions of the signal stay.
"""

from collections.abc import Sequence
from dataclasses import replace

from service.flows.leads.apply_payment import apply_payment
from service.flows.leads.follow_tasks import follow_tasks
from service.flows.leads.marks_of_signal import joining_marks, marks_of_signal
from service.flows.leads.merge_leads import merge_leads
from service.flows.leads.rebuild_from_signals import marks_of_signals, rebuild_from_signals
from service.flows.leads.receive_signal import (
    IntakeResult,
    Received,
    receive_signal,
)
from service.flows.leads.store_change import store_opening
from service.flows.leads.store_facts import store_facts
from service.flows.line.show_in_line import show_all_in_line
from service.leads.lead import MOVES, Lead, RankingInput, Signal
from service.leads.settlement import Outcome
from service.matching.marks import besides
from service.resources import Resources
from service.storage.customers.customers import ensure_card, freshen_card
from service.storage.customers.marked_cards import lock_cards
from service.storage.customers.marks import forget_marks
from service.storage.database import Connection
from service.storage.leads.duplicates import Sender
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import add_marks, drop_marks, leads_of_marks
from service.storage.leads.merge_target import lock_merge_target
from service.storage.leads.signals import StoredSignal, facts_of, put_signal, signals_of


async def correct_signal(resources: Resources, signal: Signal, sender: Sender) -> Received:
    """Correct a signal and return its lead; an unknown signal opens or joins a lead."""
    received = await receive_signal(resources, signal, sender)
    if received.way is not IntakeResult.REPEATED:
        return received
    return await _correct(resources, received.lead, signal, sender)


async def say_who(resources: Resources, signal: Signal, sender: Sender) -> Received:
    """Add the client to a known signal that had none."""
    received = await receive_signal(resources, signal, sender)
    if received.way is not IntakeResult.REPEATED or received.lead.signal.customer is not None:
        return received
    existing = received.lead.signal
    reported = replace(signal, live=existing.live, received_at=existing.received_at)
    return await _correct(resources, received.lead, reported, sender)


async def _correct(
    resources: Resources, existing: Lead, signal: Signal, sender: Sender
) -> Received:
    basis = await resources.stores.bases.of(existing.signal.queue)
    marks = joining_marks(marks_of_signal(signal, basis), basis)
    async with resources.stores.database.transaction() as connection:
        of_client = await leads_of_marks(connection, existing.signal.queue, marks)
        lead, others = await lock_merge_target(connection, existing.id, of_client)
        if not MOVES[lead.state]:
            return Received(lead, IntakeResult.REPEATED)
        await store_opening(connection, lead)
        signals = await signals_of(connection, lead.id)
        stored = _reported_before(signals, signal)
        if stored is None:
            return Received(lead, IntakeResult.REPEATED)
        await ensure_card(connection, signal.customer, resources.clock.now())
        await put_signal(connection, _corrected(stored, signal))
        reported = [_corrected(item, signal) if item is stored else item for item in signals]
        lead = await _rebuild(connection, resources, lead, reported, sender)
        now, replaces = resources.clock.now(), sender.may_report_orders
        await freshen_card(connection, signal.customer, now, replaces=replaces)
        client = lead.signal.customer
        await lock_cards(connection, [client.external_id if client else None])
        untold = besides(marks_of_signals([stored], basis), marks_of_signals(reported, basis))
        await drop_marks(connection, lead.id, untold)
        if client is not None and client.external_id is not None:
            await forget_marks(connection, client.external_id, [item.identity for item in untold])
        await add_marks(connection, lead, marks)
        changed = await merge_leads(connection, resources, lead, others, sender.name)
    await show_all_in_line(resources, changed)
    if changed[0].outcome == Outcome.WON:
        await follow_tasks(resources, changed[0], Outcome.WON)
    return Received(changed[0], IntakeResult.REPEATED)


def _reported_before(signals: Sequence[StoredSignal], signal: Signal) -> StoredSignal | None:
    """The stored version of the signal, if it is older and differs."""
    for item in signals:
        if (item.source, item.external_id) == (signal.source, signal.external_id):
            is_newer = item.told_at <= signal.received_at
            return item if is_newer and item != _corrected(item, signal) else None
    return None


def _corrected(stored: StoredSignal, signal: Signal) -> StoredSignal:
    """The stored signal with new facts; the client still waits since its first version."""
    first = replace(signal, received_at=stored.signal.received_at)
    return replace(stored, told_at=signal.received_at, facts=facts_of(first))


async def _rebuild(
    connection: Connection,
    resources: Resources,
    lead: Lead,
    signals: Sequence[StoredSignal],
    sender: Sender,
) -> Lead:
    now = resources.clock.now()
    basis = await resources.stores.bases.of(lead.signal.queue)
    situation = _still_paid(lead, rebuild_from_signals(lead, signals, basis.policy))
    event = LeadEvent("lead.changed", now, sender.name, "the sender corrected it")
    changed = await store_facts(connection, resources, lead, situation, event, from_client=False)
    if changed.signal.paid and not lead.signal.paid:
        return await apply_payment(connection, resources, changed, sender.name, now)
    return changed


def _still_paid(lead: Lead, reported: RankingInput) -> RankingInput:
    """Keep an order paid: a sender who corrects it does not repeat that it was paid."""
    return replace(
        reported, signal=replace(reported.signal, paid=reported.signal.paid or lead.signal.paid)
    )
