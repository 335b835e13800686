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

from service.flows.show_in_line import show_all_in_line
from service.flows.store_change import keep_opening
from service.flows.store_facts import store_facts
from service.leads.identity import evidence_of, strongest
from service.leads.lead import MOVES, Lead, Signal, State
from service.ranking.joining import are_two_clients, joined
from service.resources import Resources
from service.storage.customers import freshen_card
from service.storage.database import Connection
from service.storage.history import Event
from service.storage.identities import (
    add_identities,
    identities_of,
    leads_of_identities,
    lock_leads,
    pass_identities,
)
from service.storage.intake import Sender
from service.storage.leads import move
from service.storage.signals import (
    KeptSignal,
    Sort,
    facts_of,
    ids_of,
    keep_signal,
    move_signals,
    signals_of,
)
from service.storage.telephony import pass_calls

JOINED = "lead.joined"
ABSORBED = (State.WAITING, State.PARKED)


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
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        of_identity = await leads_of_identities(connection, signal.queue, identities)
        locked = await lock_leads(connection, {*of_identity.values()})
        found = [lead for lead in locked if MOVES[lead.state]]
        if of_its_time:
            found = [one for one in found if one.signal.received_at <= signal.received_at]
        if not found:
            return None
        apart = [one for one in found if are_two_clients(one.signal.customer, signal.customer)]
        same = [one for one in found if one not in apart]
        if not same:
            return Joined(None, frozenset(of_identity))
        target, others = target_of(same, of_identity)
        evidence = sorted(one for one, lead_id in of_identity.items() if lead_id == target.id)
        await keep_opening(connection, target)
        kept = _kept(signal, sender, target, evidence, now)
        if not await keep_signal(connection, kept):
            return None
        await freshen_card(connection, signal.customer, now)
        lead = await _join(connection, resources, target, signal, kept)
        await add_identities(connection, lead, identities)
        absorbed = await absorb_leads(connection, resources, lead, others, sender.name)
    await show_all_in_line(resources, absorbed)
    return Joined(absorbed[0])


async def absorb_leads(
    connection: Connection,
    resources: Resources,
    target: Lead,
    others: Sequence[Lead],
    actor: str,
) -> list[Lead]:
    """Join locked open leads of one client into another; who is held stays by himself.

    All of them as they are then, the target first. One that is over takes no other in.
    """
    now, changed = resources.clock.now(), []
    for other in others if MOVES[target.state] else ():
        if other.state not in ABSORBED or are_two_clients(
            target.signal.customer, other.signal.customer
        ):
            continue
        await keep_opening(connection, target)
        await keep_opening(connection, other)
        signals = await signals_of(connection, other.id)
        event = Event(JOINED, now, actor, "one client", {"into": str(target.id)})
        identities = await identities_of(connection, other.id)
        columns = {"joined_into": target.id}
        changed.append(await move(connection, other, State.JOINED, event, columns))
        await pass_identities(connection, other.id, identities, target)
        await pass_calls(connection, other.id, target.id)
        target = await _take_over(connection, resources, target, other, actor)
        await move_signals(connection, ids_of(signals), target.id)
    return [target, *changed]


def target_of(leads: Sequence[Lead], of_identity: Mapping[str, UUID]) -> tuple[Lead, list[Lead]]:
    """Which of a client's leads the others join, and the others.

    Who is held comes first, then who is known by the strongest evidence, then the oldest.

    Of a lead and one that was split from it, only one is the client's: the other is left alone.
    """
    known = {
        lead.id: [one for one, lead_id in of_identity.items() if lead_id == lead.id]
        for lead in leads
    }
    ordered = sorted(
        leads,
        key=lambda one: (one.state is not State.CLAIMED, strongest(known[one.id]), one.id),
    )
    target = ordered[0]
    return target, [one for one in ordered[1:] if not _were_split(target, one)]


def _were_split(one: Lead, other: Lead) -> bool:
    return one.split_from == other.id or other.split_from == one.id


def _kept(
    signal: Signal, sender: Sender, target: Lead, evidence: Sequence[str], now: datetime
) -> KeptSignal:
    return KeptSignal(
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
        evidence=tuple(evidence),
    )


async def _join(
    connection: Connection, resources: Resources, lead: Lead, signal: Signal, kept: KeptSignal
) -> Lead:
    basis = await resources.stores.bases.of(lead.signal.queue)
    situation = joined(lead.situation, signal, basis.policy)
    if situation.promised_at is not None:  # he did not wait for it
        situation = replace(situation, promised_at=min(situation.promised_at, kept.at))
    details = {
        "signal": str(kept.id),
        "channel": signal.channel.value,
        "by": sorted({evidence_of(one).value for one in kept.evidence}),
    }
    event = Event(JOINED, kept.at, kept.created_by, None, details)
    return await store_facts(connection, resources, lead, situation, event, from_client=True)


async def _take_over(
    connection: Connection, resources: Resources, target: Lead, other: Lead, actor: str
) -> Lead:
    basis = await resources.stores.bases.of(target.signal.queue)
    situation = joined(target.situation, other.signal, basis.policy)
    details = {"lead": str(other.id)}
    event = Event(JOINED, resources.clock.now(), actor, "one client", details)
    waits = other.state is State.WAITING
    return await store_facts(connection, resources, target, situation, event, from_client=waits)
