"""News of a call from a telephony: it rings, was answered, was missed, is over.

News come in any order and more than once. The phase of each call is stored, and older news change
nothing. The call's row is locked while its lead follows, so that only one replica follows it. If
one dies in between, its work is repeated without effect.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from service.adapters.inbound_event import CallPhase, CallUpdate
from service.adapters.source import Source
from service.flows.claims.report_call_event import report_call_event
from service.flows.leads.correct_signal import say_who
from service.flows.leads.receive_signal import receive_signal
from service.flows.leads.settle_unheld import settle_unheld
from service.flows.line.show_in_line import show_in_line
from service.flows.senders.learn_line import learn_line
from service.leads.call import CallEvent, CallNews
from service.leads.lead import FREE, Kind, Lead
from service.leads.settlement import Outcome
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.duplicates import Sender
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import find
from service.storage.leads.merge_target import locked_merge_target, merge_target_id
from service.storage.leads.signals import is_of_several
from service.storage.senders.telephony import (
    CallProgress,
    begin_call,
    is_on_another_call,
    locked_call,
    put_call,
    silent_calls,
)

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
RINGS_FOR = timedelta(minutes=10)
MAX_SILENT = 100
LIVE = (CallPhase.RINGING, CallPhase.ANSWERED)
ENDED = (CallPhase.MISSED, CallPhase.TALKED)
PHASES = list(CallPhase)  # in their order


async def follow_call(resources: Resources, source: Source, inbound: CallUpdate) -> UUID | None:
    """Apply news of a call and return its lead; None for an unknown call that it does not open.

    A ringing caller is live (rule A4). An answer by an operator gives them the lead; an answer by
    anybody else ends it. A missed call is to be called back at once (rule A8).
    """
    now = resources.clock.now()
    await learn_line(resources, source, inbound)
    call = CallProgress(source.name, _id(inbound), CallPhase.RINGING, LONG_AGO, 0, lead_id=None)
    async with resources.stores.database.transaction() as connection:
        if not inbound.opens and await locked_call(connection, source.name, _id(inbound)) is None:
            return None
        begun = await begin_call(connection, call, now)
        existing = await locked_call(connection, source.name, _id(inbound))
        assert existing is not None, "it was begun just now, if not before"
        if begun or existing.lead_id is None:
            lead_id = await _open(resources, source, inbound)
            before = None
        else:
            lead_id, before = await merge_target_id(connection, existing.lead_id), existing
            await _fill_in(resources, source, inbound)
        if before is not None and not _is_news(inbound, before):
            return lead_id
        present = replace(existing, lead_id=lead_id)
        phase = await _follow(connection, resources, source, inbound, present, before)
        reported = replace(present, phase=phase)
        if inbound.phase is CallPhase.ANSWERED:
            reported = replace(reported, at=inbound.at, sequence=inbound.order)
        await put_call(connection, reported, now)
    return lead_id


async def end_silent_calls(resources: Resources) -> None:
    """End calls whose end nobody reported; the caller is to be called back (A8)."""
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        silent = await silent_calls(connection, now - RINGS_FOR, MAX_SILENT)
    for call in silent:
        async with resources.stores.database.transaction() as connection:
            existing = await locked_call(connection, call.source, call.call)
            if existing is None or existing.phase is not CallPhase.RINGING:
                continue
            if existing.lead_id is not None:
                present = await merge_target_id(connection, existing.lead_id)
                if await _may_ring_still(connection, resources, present):
                    continue
                ended = replace(existing, lead_id=present)
                await _hang_up(connection, resources, ended, missed=True)
            await put_call(connection, replace(existing, phase=CallPhase.MISSED), now)


async def _may_ring_still(connection: Connection, resources: Resources, lead_id: UUID) -> bool:
    """Whether the policy gives calls without a reported end more time than usual (A8)."""
    lead = await find(connection, lead_id)
    policy = (await resources.stores.bases.of(lead.signal.queue)).policy
    return lead.signal.live and policy.live_for[Kind.PHONE] > RINGS_FOR


def _id(inbound: CallUpdate) -> str:
    assert inbound.signal.external_id is not None, "adapters name every call"
    return inbound.signal.external_id


def _is_news(inbound: CallUpdate, existing: CallProgress) -> bool:
    """Whether the news is newer; phases go forward, but a late answer or transfer still counts."""
    if inbound.phase is CallPhase.ANSWERED:
        return (inbound.at, inbound.order) > (existing.at, existing.sequence)
    return PHASES.index(inbound.phase) > PHASES.index(existing.phase)


async def _open(resources: Resources, source: Source, inbound: CallUpdate) -> UUID:
    signal = replace(inbound.signal, live=inbound.phase in LIVE)
    return (await receive_signal(resources, signal, _sender(source))).lead.id


async def _fill_in(resources: Resources, source: Source, inbound: CallUpdate) -> None:
    """Store who calls; any news of a call may be the one that says it."""
    if inbound.signal.customer is not None:
        await say_who(resources, inbound.signal, _sender(source))


async def _follow(
    connection: Connection,
    resources: Resources,
    source: Source,
    inbound: CallUpdate,
    call: CallProgress,
    before: CallProgress | None,
) -> CallPhase:
    """Apply the news to the call's lead; return the call's phase."""
    answered = before is not None and before.at > LONG_AGO
    by_whom = inbound.phase is CallPhase.ANSWERED
    if by_whom or (inbound.phase is CallPhase.TALKED and not answered):
        await _answered(connection, resources, source, inbound, call, transferred=answered)
    is_over = inbound.phase in ENDED or (before is not None and before.phase in ENDED)
    if is_over:
        missed = not (answered or by_whom) and inbound.phase is CallPhase.MISSED
        await _hang_up(connection, resources, call, missed=missed)
        return CallPhase.TALKED if answered or by_whom else inbound.phase
    return inbound.phase


async def _answered(
    connection: Connection,
    resources: Resources,
    source: Source,
    inbound: CallUpdate,
    call: CallProgress,
    *,
    transferred: bool,
) -> None:
    assert call.lead_id is not None
    operator = source.operator_of(inbound.extension)
    if operator is None:
        left = await leave_to_others(resources, call.lead_id, source, inbound.extension)
        if left.state in FREE:  # their other needs wait, but the client is not on the line for them
            await _hang_up(connection, resources, call, missed=False)
        return
    event = CallEvent.TRANSFERRED if transferred else CallEvent.ANSWERED
    news = CallNews(event, resources.clock.now(), operator)
    await report_call_event(resources, call.lead_id, news, _sender(source), in_order=True)


async def _hang_up(
    connection: Connection, resources: Resources, call: CallProgress, *, missed: bool
) -> None:
    if call.lead_id is None or await is_on_another_call(connection, call):
        return
    news = CallNews(CallEvent.HUNG_UP, resources.clock.now(), missed=missed)
    sender = Sender(call.source, may_read=True, owns_source=True)
    await report_call_event(resources, call.lead_id, news, sender, in_order=True)


async def leave_to_others(
    resources: Resources, lead_id: UUID, source: Source, theirs: str | None
) -> Lead:
    """Somebody unknown here talks with the client: a lead of this one signal is over.

    A lead of several signals waits on, because the client's other needs may be open.
    """
    who = f"by {theirs} there, who is no operator here" if theirs else "there"
    async with resources.stores.database.transaction() as connection:
        lead = await locked_merge_target(connection, lead_id)
        if lead.state not in FREE or await is_of_several(connection, lead.id):
            return lead
        lead = await _settle(connection, resources, lead, source, f"answered {who}")
    await show_in_line(resources, lead)
    return lead


async def _settle(
    connection: Connection, resources: Resources, lead: Lead, source: Source, reason: str
) -> Lead:
    details = {"outcome": Outcome.CANCELLED.value}
    event = LeadEvent("lead.settled", resources.clock.now(), source.name, reason[:200], details)
    return await settle_unheld(connection, lead, Outcome.CANCELLED, event)


def _sender(source: Source) -> Sender:
    return Sender(source.name, may_read=True, owns_source=True)
