"""Undo a wrong join: signals leave a lead and become a lead of their own.

One transaction writes Postgres only, under the lock of the lead. Both leads are rebuilt from their
signals and ranked, then shown in the line. Later they are not merged with each other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import uuid_utils.compat

from service.flows.leads.rebuild_from_signals import marks_of_signals, rebuild_from_signals
from service.flows.leads.route_lead import route_situation
from service.flows.leads.store_facts import store_facts
from service.flows.line.show_in_line import show_all_in_line
from service.leads.errors import FieldMistake, InvalidRequest, MoveNotAllowed
from service.leads.lead import MOVES, Lead, State
from service.matching.marks import besides
from service.ranking.rank import rank_lead
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent, append
from service.storage.leads.identities import pass_marks
from service.storage.leads.leads import add, locked
from service.storage.leads.signals import (
    Sort,
    StoredSignal,
    ids_of,
    move_signals,
    names_a_lead,
    signals_of,
)
from service.storage.policies.queue_context import QueueContext
from service.storage.senders.telephony import lock_calls, pass_call

SPLIT = "lead.split"


@dataclass(frozen=True, slots=True)
class Split:
    """Both leads after the split."""

    lead: Lead
    other: Lead


async def split_lead(
    resources: Resources, lead_id: UUID, wanted: Collection[UUID], actor: str, reason: str
) -> Split:
    """Make a new lead from some signals of a lead; its waiting time begins with those signals.

    A claim on the first lead continues. Raises LeadNotFound. Raises MoveNotAllowed when the lead
    was merged into another. Raises InvalidRequest when signals are not the lead's own or one of
    them opened it.
    """
    async with resources.stores.database.transaction() as connection:
        await lock_calls(connection, wanted)
        lead = await locked(connection, lead_id)
        if lead.state is State.JOINED:
            raise MoveNotAllowed(f"The lead is part of {lead.joined_into}; split that one.")
        signals = await signals_of(connection, lead.id)
        leaving = [signal for signal in signals if signal.id in wanted or signal.changes in wanted]
        staying = [signal for signal in signals if signal not in leaving]
        _check(lead, wanted, signals, leaving)
        basis = await resources.stores.bases.of(lead.signal.queue)
        other = await _open(
            connection,
            resources,
            lead,
            leaving,
            LeadEvent(SPLIT, resources.clock.now(), actor, reason, {"from": str(lead.id)}),
        )
        await _pass_on(connection, basis, lead, leaving, staying, other)
        event = LeadEvent(SPLIT, resources.clock.now(), actor, reason, {"into": str(other.id)})
        lead = await _rebuild(connection, resources, lead, staying, event)
    await show_all_in_line(resources, [lead, other])
    return Split(lead, other)


def _check(
    lead: Lead,
    wanted: Collection[UUID],
    signals: Sequence[StoredSignal],
    leaving: Sequence[StoredSignal],
) -> None:
    unknown = {*wanted} - {item.id for item in leaving if item.sort is not Sort.CHANGE}
    if unknown:
        remedy = f"GET /v1/leads/{lead.id}/signals shows which it has."
        raise InvalidRequest([FieldMistake("signals", "the lead has no such signals", remedy)])
    stays = any(signal not in leaving and signal.sort is not Sort.CHANGE for signal in signals)
    if signals[0] in leaving or not stays:
        remedy = "Split the others off instead."
        raise InvalidRequest([FieldMistake("signals", "one of them opened the lead", remedy)])


async def _open(
    connection: Connection,
    resources: Resources,
    lead: Lead,
    leaving: Sequence[StoredSignal],
    event: LeadEvent,
) -> Lead:
    basis, now = await resources.stores.bases.of(lead.signal.queue), event.at
    taken = await names_a_lead(connection, leaving[0])
    situation = rebuild_from_signals(_begun(lead, leaving[0], taken=taken), leaving, basis.policy)
    situation = await route_situation(resources, situation, basis, now)
    other = Lead(
        id=uuid_utils.compat.uuid7(),
        version=1,
        state=State.WAITING,
        situation=situation,
        ranking=rank_lead(situation, basis.policy, now, basis.observed),
        created_at=now,
        brought_by=leaving[0].created_by,
        split_from=lead.id,
    )
    await add(connection, other, event)
    return other


def _begun(lead: Lead, first: StoredSignal, *, taken: bool) -> Lead:
    """The new lead at its first signal, without the promise to the first lead's client.

    It gets the signal's id at its sender, unless another lead already has that id.
    """
    signal = replace(
        first.signal,
        queue=lead.signal.queue,
        external_id=None if taken else first.external_id,
        live=lead.signal.live,
    )
    situation = replace(lead.situation, signal=signal, callback_due=False, promised_at=None)
    return replace(lead, situation=situation)


async def _pass_on(
    connection: Connection,
    basis: QueueContext,
    lead: Lead,
    leaving: Sequence[StoredSignal],
    staying: Sequence[StoredSignal],
    other: Lead,
) -> None:
    """Move the signals, their calls, and the identities that only they show."""
    theirs = besides(marks_of_signals(leaving, basis), marks_of_signals(staying, basis))
    await pass_marks(connection, lead.id, theirs, other)
    await move_signals(connection, ids_of(leaving), other.id)
    for signal in leaving:
        if signal.external_id is not None:
            await pass_call(connection, signal.source, signal.external_id, other.id)


async def _rebuild(
    connection: Connection,
    resources: Resources,
    lead: Lead,
    staying: Sequence[StoredSignal],
    event: LeadEvent,
) -> Lead:
    """Rebuild the lead; one that is over only gets the event of the split."""
    if not MOVES[lead.state]:
        await append(connection, lead.id, event, before=lead.state, after=lead.state)
        return lead
    basis = await resources.stores.bases.of(lead.signal.queue)
    situation = rebuild_from_signals(lead, staying, basis.policy)
    return await store_facts(connection, resources, lead, situation, event, from_client=False)
