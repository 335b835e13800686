"""A signal of a client who has an open lead joins it: one need, one lead.

Postgres only, in one transaction: the client's open leads are locked, in the order of their ids.
When one signal shows that two open leads are one client's, the one that nobody holds is joined
into the other. The line is told afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import uuid_utils.compat

from service.flows.leads.merge_leads import JOINED, merge_leads, target_of
from service.flows.leads.store_change import store_opening
from service.flows.leads.store_facts import store_facts
from service.flows.line.show_in_line import show_all_in_line
from service.leads.identity import evidence_of
from service.leads.lead import MOVES, Lead, Signal
from service.matching.joining import are_two_clients, joined
from service.resources import Resources
from service.storage.customers.customers import freshen_card
from service.storage.database import Connection
from service.storage.leads.duplicates import Sender
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import add_identities, leads_of_identities, lock_leads
from service.storage.leads.signals import Sort, StoredSignal, facts_of, insert_signal


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of a signal that might join a lead.

    Either the lead that it joined, or the identities that are not its client's after all: a
    customer of another number has them.
    """

    lead: Lead | None
    contested: frozenset[str] = frozenset()


async def join_signal(
    resources: Resources,
    signal: Signal,
    sender: Sender,
    identities: Sequence[str],
    *,
    of_its_time: bool = False,
) -> Joined | None:
    """Join the open lead of the signal's client.

    None when he has none, or the signal became known meanwhile. Nobody's claim ends by it: what is
    held stays held, and a parked lead waits again. A signal `of_its_time` joins no lead that came
    after it was told.
    """
    async with resources.stores.database.transaction() as connection:
        of_identity = await leads_of_identities(connection, signal.queue, identities)
        found = await _open_leads(connection, of_identity, signal if of_its_time else None)
        if not found:
            return None
        same = [
            item for item in found if not are_two_clients(item.signal.customer, signal.customer)
        ]
        if not same:
            return Joined(None, _identities_of(found, of_identity))
        target, others = target_of(same, of_identity)
        stored = _stored(signal, sender, target, of_identity, resources.clock.now())
        if (lead := await _join(connection, resources, target, signal, stored)) is None:
            return None
        await add_identities(connection, lead, identities)
        absorbed = await merge_leads(connection, resources, lead, others, sender.name)
    await show_all_in_line(resources, absorbed)
    return Joined(absorbed[0])


async def _open_leads(
    connection: Connection, of_identity: Mapping[str, UUID], reported: Signal | None
) -> list[Lead]:
    """Those that are open still; if a signal is to be of its time, those that were before it."""
    leads = await lock_leads(connection, {*of_identity.values()})
    return [
        lead
        for lead in leads
        if MOVES[lead.state]
        and (reported is None or lead.signal.received_at <= reported.received_at)
    ]


def _identities_of(leads: Sequence[Lead], of_identity: Mapping[str, UUID]) -> frozenset[str]:
    ids = {lead.id for lead in leads}
    return frozenset(item for item, lead_id in of_identity.items() if lead_id in ids)


def _stored(
    signal: Signal, sender: Sender, target: Lead, of_identity: Mapping[str, UUID], now: datetime
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
        evidence=tuple(sorted(_identities_of([target], of_identity))),
    )


async def _join(
    connection: Connection, resources: Resources, lead: Lead, signal: Signal, stored: StoredSignal
) -> Lead | None:
    """The lead with the signal in it; None when the signal is known already."""
    await store_opening(connection, lead)
    if not await insert_signal(connection, stored):
        return None
    await freshen_card(connection, signal.customer, stored.at)
    basis = await resources.stores.bases.of(lead.signal.queue)
    situation = joined(lead.situation, signal, basis.policy)
    if situation.promised_at is not None:  # he did not wait for it
        situation = replace(situation, promised_at=min(situation.promised_at, stored.at))
    details = {
        "signal": str(stored.id),
        "channel": signal.channel.value,
        "by": sorted({evidence_of(item).value for item in stored.evidence}),
    }
    event = LeadEvent(JOINED, stored.at, stored.created_by, None, details)
    return await store_facts(connection, resources, lead, situation, event, from_client=True)
