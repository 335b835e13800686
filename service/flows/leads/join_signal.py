"""A signal of a client who has an open lead joins that lead: one need, one lead.

One transaction writes Postgres only. It locks the client's open leads in the order of their ids.
When a signal shows that two open leads belong to one client, the lead that nobody holds is merged
into the other. Afterwards the line is updated and the signal's facts go to the client's card.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import uuid_utils.compat

from service.flows.leads.merge_leads import JOINED, merge_leads, target_of
from service.flows.leads.rebuild_from_signals import told_in_order
from service.flows.leads.store_change import store_opening
from service.flows.leads.store_facts import store_facts
from service.flows.line.show_in_line import show_all_in_line
from service.leads.identity import evidence_of
from service.leads.lead import MOVES, Lead, PossiblySame, Signal
from service.leads.unchanging import replace
from service.matching.joining import joined
from service.matching.marks import Mark
from service.matching.same_client import are_one_client
from service.resources import Resources
from service.storage.customers.customers import ensure_card, freshen_card_of_signal
from service.storage.customers.listed_marks import (
    SHARED,
    ListedFor,
    clients_sharing,
    list_nobodys,
)
from service.storage.database import Connection
from service.storage.leads.duplicates import Sender
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import (
    add_marks,
    leads_of_marks,
    lock_leads,
    marks_of_leads,
)
from service.storage.leads.signals import Sort, StoredSignal, facts_of, insert_signal, signals_of


@dataclass(frozen=True, slots=True)
class Joined:
    """The result for a signal that might join a lead.

    It holds the joined lead, or the `contested` identities. Those are shared with leads of other
    clients, whose other marks differ from the signal's. These leads are `possibly_same`.
    """

    lead: Lead | None
    contested: frozenset[str] = frozenset()
    possibly_same: tuple[PossiblySame, ...] = ()


async def join_signal(
    resources: Resources,
    signal: Signal,
    sender: Sender,
    marks: Sequence[Mark],
    *,
    of_its_time: bool = False,
) -> Joined | None:
    """Join the open lead of the signal's client.

    None when the client has no open lead, or the signal became known meanwhile. A claim does not
    end: a held lead stays held. A parked lead waits again. With `of_its_time`, the signal does not
    join a lead that is newer than the signal.
    """
    async with resources.stores.database.transaction() as connection:
        shared = await leads_of_marks(connection, signal.queue, marks)
        found = await _open_leads(connection, shared, signal if of_its_time else None)
        if not found:
            return None
        theirs = await marks_of_leads(connection, [item.id for item in found])
        same = [item for item in found if are_one_client(theirs[item.id], marks)]
        if not same:
            contested = frozenset().union(*(shared[item.id] for item in found))
            await _list_shared(connection, resources, signal.queue, contested, marks)
            apart = (PossiblySame(item.id, tuple(sorted(shared[item.id]))) for item in found)
            return Joined(None, contested, tuple(apart))
        target, others = target_of(same, shared)
        stored = _stored(signal, sender, target, shared[target.id], resources.clock.now())
        if (lead := await _join(connection, resources, target, signal, stored)) is None:
            return None
        await add_marks(connection, lead, marks)
        absorbed = await merge_leads(connection, resources, lead, others, sender.name)
    await show_all_in_line(resources, absorbed)
    await _freshen(resources, signal, sender)
    return Joined(absorbed[0])


async def _freshen(resources: Resources, signal: Signal, sender: Sender) -> None:
    """Write what the signal says of its client on their card.

    It needs a transaction of its own. While a card is locked, no step may wait for another
    connection, as ranking does, and marks of leads must not be locked.
    """
    now, replaces = resources.clock.now(), sender.may_report_orders
    database = resources.stores.database
    await freshen_card_of_signal(database, signal.customer, now, replaces=replaces)


async def _list_shared(
    connection: Connection,
    resources: Resources,
    queue: str,
    contested: Collection[str],
    marks: Sequence[Mark],
) -> None:
    """List marks that too many clients share; from now on they recognise nobody."""
    limit = (await resources.stores.bases.of(queue)).policy.shared_mark_clients
    shared = [
        mark.identity
        for mark in marks
        if mark.identity in contested
        and await clients_sharing(connection, queue, mark, limit + 1) >= limit  # and this one
    ]
    if shared:
        await list_nobodys(
            connection, queue, shared, ListedFor(SHARED, None, resources.clock.now())
        )
        resources.stores.bases.forget()


async def _open_leads(
    connection: Connection, found: Collection[UUID], reported: Signal | None
) -> list[Lead]:
    """Lock the leads and return those still open; with `reported`, only those not newer."""
    leads = await lock_leads(connection, found)
    return [
        lead
        for lead in leads
        if MOVES[lead.state]
        and (reported is None or lead.signal.received_at <= reported.received_at)
    ]


def _stored(
    signal: Signal, sender: Sender, target: Lead, shared: Collection[str], now: datetime
) -> StoredSignal:
    return StoredSignal(
        id=uuid_utils.compat.uuid7(),
        lead_id=target.id,
        at=now,
        sort=Sort.JOINED,
        created_by=sender.name,
        source=signal.source,
        told_at=signal.received_at,
        facts=facts_of(signal),
        external_id=signal.external_id,
        idempotency_key=sender.idempotency_key,
        request_digest=sender.request_digest,
        evidence=tuple(sorted(shared)),
    )


async def _join(
    connection: Connection, resources: Resources, lead: Lead, signal: Signal, stored: StoredSignal
) -> Lead | None:
    """Add the signal to the lead and return the lead; None when the signal is already known."""
    await store_opening(connection, lead)
    if not await insert_signal(connection, stored):
        return None
    basis = await resources.stores.bases.of(lead.signal.queue)
    situation = joined(lead.situation, signal, basis.policy)
    if signal.received_at < lead.situation.asked_at:
        signals = await signals_of(connection, lead.id)
        situation = told_in_order(situation, lead, signals, basis.policy)
    if situation.promised_at is not None:  # the client did not wait for it
        situation = replace(situation, promised_at=min(situation.promised_at, stored.at))
    details = {
        "signal": str(stored.id),
        "channel": signal.channel.value,
        "by": sorted({evidence_of(item).value for item in stored.evidence}),
    }
    event = LeadEvent(JOINED, stored.at, stored.created_by, None, details)
    await ensure_card(connection, signal.customer, stored.at)
    return await store_facts(connection, resources, lead, situation, event, from_client=True)
