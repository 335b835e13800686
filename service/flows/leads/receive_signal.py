"""A signal comes in and opens a lead, or joins the open lead of its client.

Postgres first: the lead, its first event and the client's marks are committed together before
anything is shown. Then the line; if that fails, `keep_in_step` shows the lead there. Other facts of
the client's card are written last.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import uuid_utils.compat

from service.flows.leads.add_task import add_task
from service.flows.leads.check_reporter import check_signal_reporter, keep_known, limited
from service.flows.leads.drop_erased import (
    check_not_erased,
    drop_erased,
    hashes_of,
    hashes_of_signal,
)
from service.flows.leads.find_client import IdentifiedClient, find_client, with_mentioned
from service.flows.leads.join_signal import join_signal
from service.flows.leads.keep_blocked import keep_blocked
from service.flows.leads.marks_of_signal import is_own_work, joining_marks, marks_of_signal
from service.flows.leads.note_possibly_same import note_possibly_same
from service.flows.leads.route_lead import route_lead
from service.flows.leads.update_customer import number_of_client, store_on_card
from service.flows.line.show_in_line import show_in_line
from service.flows.line.watch_staff import watch_new_lead
from service.leads.card import changed_context
from service.leads.context import CustomerContext
from service.leads.errors import (
    FieldMistake,
    IdempotencyConflict,
    InvalidRequest,
    Overloaded,
    QueueNotFound,
    SignalTaken,
)
from service.leads.lead import (
    FREELY_NAMED,
    MAX_POSSIBLY_SAME,
    MOVES,
    Lead,
    RankingInput,
    Signal,
    State,
)
from service.leads.times import check_times
from service.leads.unchanging import replace, unchanging
from service.matching.contacts import with_read_phones
from service.matching.marks import Mark
from service.matching.recognition import UNSURE
from service.metrics.families import LEADS_RECEIVED
from service.ranking.rank import rank_understood
from service.resources import Resources
from service.rules.need import Need, understand
from service.storage.customers.customers import find_card
from service.storage.leads.duplicates import Duplicate, Sender, find_duplicate
from service.storage.leads.intake import Added, Arrival, names_card
from service.storage.policies.queue_context import QueueContext
from service.tracing.spans import span

NOTHING_SAID: Mapping[str, Any] = {}
MAX_TRIES = 5


class IntakeResult(StrEnum):
    """What a signal did."""

    OPENED = "opened"
    JOINED = "joined"
    REPEATED = "repeated"


@unchanging
class Received:
    """The lead of a signal and what the signal did; `seen_since`: first time of a repeated one."""

    lead: Lead
    way: IntakeResult
    seen_since: datetime | None = None

    @property
    def created(self) -> bool:
        """Whether the signal opened the lead."""
        return self.way is IntakeResult.OPENED


async def receive_signal(
    resources: Resources,
    signal: Signal,
    sender: Sender,
    context: Mapping[str, Any] = NOTHING_SAID,
) -> Received:
    """Open a lead, join the client's open lead, or find the lead of the same signal.

    `context` holds fields of the client's card that came with the signal. A repetition writes them
    if the first try failed before that, and the card did not change since. Raises
    IdempotencyConflict when the key was used for another body, SignalTaken when the lead belongs to
    another sender and this one may not read it, TaskLimit when the operator of a call task has too
    many open, and ClientErased when the client was erased after the signal's time.
    """
    with span("lead.receive") as recorded:
        received = await _receive(resources, signal, sender, context)
        recorded.set("nextlead.lead_id", str(received.lead.id))
        recorded.set("nextlead.result", received.way.value)
    return received


async def _receive(
    resources: Resources, signal: Signal, sender: Sender, context: Mapping[str, Any]
) -> Received:
    now = resources.clock.now()
    sender.binding.check_signal(signal.queue, signal.source)
    check_signal_reporter(signal, context, sender)
    check_times(signal, now)
    await _check_queue(resources, signal)
    await _check_source(resources, signal, sender)
    basis = await resources.stores.bases.of(signal.queue)
    signal = limited(with_read_phones(signal, basis.policy.region), sender)
    situation = RankingInput(signal, asked_at=signal.received_at, rush=basis.rush)
    need = with_mentioned(understand(situation, basis.policy), basis)
    marks = marks_of_signal(signal, basis)
    blocked = basis.blocked_by((mark.identity for mark in marks), now)
    if names_card(signal) and not blocked and _looks_first(resources, signal):
        arrival = await _named(resources, need, sender, basis, context, marks)
    else:
        arrival = await _arrival(resources, need, sender, basis, context, marks)
    if blocked:
        await check_not_erased(resources, arrival.hashes)
        if (lead := await keep_blocked(resources, arrival, blocked)) is not None:
            opened = Received(lead, IntakeResult.OPENED)
            _count(opened, sender)
            return opened
        if names_card(signal):
            arrival = await _recognised(resources, arrival, basis, context)
    for _ in range(MAX_TRIES):
        received = await _take(resources, arrival, basis, context)
        if isinstance(received, Received):
            _count(received, sender)
            if (context or signal.task) and await _card_is_as_then(resources, received):
                held_to = keep_known(sender)
                await store_on_card(resources, received.lead, context, sender.name, held_to)
            return received
        arrival = received
    raise Overloaded("The client's lead changes all the time; send it again in a moment.")


def _looks_first(resources: Resources, signal: Signal) -> bool:
    """Whether the client's cards are read before the lead is stored; work of our own has no marks
    by which they would be noticed then."""
    return is_own_work(signal) or resources.stores.marked_cards.expected.is_likely()


def _count(received: Received, sender: Sender) -> None:
    kind, source = received.lead.ranking.kind.value, received.lead.signal.source
    LEADS_RECEIVED.add(
        kind, sender.name if sender.name == source else FREELY_NAMED, received.way.value
    )


async def _card_is_as_then(resources: Resources, received: Received) -> bool:
    """Whether the client's card did not change since their signal came."""
    number, since = number_of_client(received.lead), received.seen_since
    if since is None:
        return True
    if number is None or not MOVES[received.lead.state]:
        return False
    async with resources.stores.database.transaction() as connection:
        card = await find_card(connection, number)
    return card is None or card.changed_at is None or card.changed_at <= since


async def _take(
    resources: Resources, arrival: Arrival, basis: QueueContext, context: Mapping[str, Any]
) -> Received | Arrival:
    """Store an arrival and return the result, or a changed arrival that must be tried again."""
    sender = arrival.sender
    added = await _add(resources, arrival, basis)
    if added is not None and added.erased:
        await drop_erased(resources, arrival.hashes)
    if added is not None and added.stale:
        return await _recognised(resources, arrival, basis, context)
    if added is not None:
        lead = arrival.lead
        if names_card(lead.signal):
            resources.stores.marked_cards.expected.note(had_cards=bool(arrival.seen))
        if added.follows is not None:
            lead = replace(lead, follows=added.follows)
        await show_in_line(resources, lead)
        await watch_new_lead(resources, lead)
        if lead.possibly_same:
            await note_possibly_same(resources, lead, sender.name)
        return Received(lead, IntakeResult.OPENED)
    existing = await find_duplicate(resources.stores.database, arrival.lead.signal, sender)
    if existing is not None:
        _check_same_request(existing, sender)
        return Received(existing.lead, IntakeResult.REPEATED, existing.at)
    joining = [mark for mark in arrival.marks if mark.evidence in arrival.joins_by]
    free = [mark for mark in joining if mark.identity not in arrival.contested]
    found = await join_signal(resources, arrival.lead.signal, sender, free)
    if found is None:
        return arrival
    if found.lead is None:
        others = (*arrival.lead.possibly_same, *found.possibly_same)[:MAX_POSSIBLY_SAME]
        return replace(
            arrival,
            lead=replace(arrival.lead, possibly_same=others),
            contested=arrival.contested | found.contested,
        )
    return Received(found.lead, IntakeResult.JOINED)


async def add_signal(resources: Resources, signal: Signal, sender: Sender) -> Received | None:
    """Join the lead that the client had open then; None without one, because this opens no lead."""
    check_times(signal, resources.clock.now())
    basis = await resources.stores.bases.of(signal.queue)
    signal = with_read_phones(signal, basis.policy.region)
    existing = await find_duplicate(resources.stores.database, signal, sender)
    if existing is not None:
        return Received(existing.lead, IntakeResult.REPEATED)
    marks = joining_marks(marks_of_signal(signal, basis), basis)
    await check_not_erased(resources, hashes_of_signal(resources, signal, sender, marks))
    if basis.blocked_by((mark.identity for mark in marks), resources.clock.now()):
        return None
    found = await join_signal(resources, signal, sender, marks, of_its_time=True)
    if found is None or found.lead is None:
        return None
    return Received(found.lead, IntakeResult.JOINED)


async def _check_queue(resources: Resources, signal: Signal) -> None:
    try:
        queue = await resources.stores.directory.queue(signal.queue)
    except QueueNotFound as error:
        remedy = "Leave it out for the default queue, or make that queue first."
        raise InvalidRequest([FieldMistake("queue", str(error), remedy)]) from error
    if queue.closed_at is not None:
        remedy = "Send it to another queue, or open this one again."
        raise InvalidRequest([FieldMistake("queue", f"`{signal.queue}` is closed", remedy)])


async def _arrival(
    resources: Resources,
    need: Need,
    sender: Sender,
    basis: QueueContext,
    context: Mapping[str, Any],
    marks: tuple[Mark, ...],
) -> Arrival:
    """The lead of a client who is only known by the signal."""
    reported = changed_context(CustomerContext(), context) if context else None
    now, is_named = resources.clock.now(), names_card(need.signal)
    need = await route_lead(
        resources, _as_stated(need) if is_named else need, reported, basis.policy, now
    )
    return Arrival(
        _opened(need, sender, basis, now),
        sender,
        need,
        marks=marks,
        joins_by=basis.policy.joins_by,
        teaches_from=0 if is_named else UNSURE,
        talks_since=now - timedelta(days=basis.policy.ownership.recent_contact_days),
        hashes=hashes_of(resources, need.signal, sender, marks, basis),
    )


async def _named(
    resources: Resources,
    need: Need,
    sender: Sender,
    basis: QueueContext,
    context: Mapping[str, Any],
    marks: tuple[Mark, ...],
) -> Arrival:
    """The lead of a client whose number is in the signal; it is ranked with their card at once."""
    found, need = await _known(resources, need, basis, context, marks)
    is_task = is_own_work(need.signal)  # its card learns the client's marks, but it joins nothing
    return Arrival(
        _opened(need, sender, basis, resources.clock.now()),
        sender,
        need,
        marks=found.marks,
        seen=found.seen,
        joins_by=frozenset() if is_task else basis.policy.joins_by,
        teaches_from=0,
        hashes=hashes_of(resources, need.signal, sender, () if is_task else found.marks, basis),
    )


def _opened(need: Need, sender: Sender, basis: QueueContext, now: datetime) -> Lead:
    return Lead(
        id=uuid_utils.compat.uuid7(),
        version=1,
        state=State.WAITING,
        situation=need.situation,
        ranking=rank_understood(need, basis.policy, now, basis.observed),
        created_at=now,
        brought_by=sender.name,
    )


async def _recognised(
    resources: Resources, arrival: Arrival, basis: QueueContext, context: Mapping[str, Any]
) -> Arrival:
    """The arrival, ranked by the cards that have its client's marks now."""
    lead, now = arrival.lead, resources.clock.now()
    found, need = await _known(resources, arrival.need, basis, context, arrival.marks)
    ranking = rank_understood(need, basis.policy, now, basis.observed)
    hashed = () if is_own_work(need.signal) else found.marks
    return replace(
        arrival,
        lead=replace(lead, situation=need.situation, ranking=ranking),
        need=need,
        marks=found.marks,
        seen=found.seen,
        talks_since=None,
        teaches_from=0 if names_card(lead.signal) else found.strength,
        hashes=hashes_of(resources, need.signal, arrival.sender, hashed, basis),
    )


async def _known(
    resources: Resources,
    need: Need,
    basis: QueueContext,
    context: Mapping[str, Any],
    marks: tuple[Mark, ...],
) -> tuple[IdentifiedClient, Need]:
    """The client by the cards that have their marks now, and the need, routed by those cards."""
    found = await find_client(resources, need.signal, basis, marks)
    context_now = found.context
    if context:
        context_now = changed_context(context_now or CustomerContext(), context)
    now, signal = resources.clock.now(), need.signal
    if found.customer is not signal.customer:
        signal = replace(signal, customer=found.customer)
        need = replace(need, situation=replace(need.situation, signal=signal))
    return found, await route_lead(resources, _as_stated(need), context_now, basis.policy, now)


def _as_stated(need: Need) -> Need:
    """The need; a day found in the text before counts like a stated one."""
    return replace(need, is_dated_by_text=False) if need.is_dated_by_text else need


async def _add(resources: Resources, arrival: Arrival, basis: QueueContext) -> Added | None:
    if arrival.lead.signal.task is None:
        return await resources.stores.intake.add(arrival)
    return await add_task(resources, arrival, basis.policy.most_open_tasks)


async def _check_source(resources: Resources, signal: Signal, sender: Sender) -> None:
    """Raise InvalidRequest when another sender uses the name of a webhook source."""
    if sender.owns_source or await resources.stores.sources.find(signal.source) is None:
        return
    reason = f"`{signal.source}` is a source of webhooks, which alone speaks in its name"
    remedy = "Send a `source` of your own; without one it is the key's name."
    raise InvalidRequest([FieldMistake("source", reason, remedy)])


def _check_same_request(existing: Duplicate, sender: Sender) -> None:
    same_key = (
        sender.idempotency_key is not None and existing.idempotency_key == sender.idempotency_key
    )
    if same_key and existing.request_digest != sender.request_digest:
        raise IdempotencyConflict(
            "This Idempotency-Key came before with another body. Send a new key for a new lead."
        )
    if existing.created_by != sender.name and not sender.may_read:
        raise SignalTaken("Another key posted this (source, external_id); name your own source.")
