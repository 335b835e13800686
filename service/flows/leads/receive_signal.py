"""A signal comes in and opens a lead, or joins the one that its client has open.

Postgres first: the lead, its first event and who the client is are committed together before
anybody is told. Then the line; if that fails, `keep_in_step` shows the lead there. What else came
of the client's card is written last.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import uuid_utils.compat

from service.flows.leads.add_task import add_task
from service.flows.leads.join_signal import join_signal
from service.flows.leads.route_lead import find_context, route_lead
from service.flows.leads.update_customer import follow_card, number_of_client, store_on_card
from service.flows.line.show_in_line import show_in_line
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
from service.leads.lead import MOVES, Channel, Lead, RankingInput, Signal, State
from service.leads.times import check_times
from service.matching.find_identities import find_identities
from service.ranking.rank import rank_understood
from service.resources import Resources
from service.rules.need import understand
from service.storage.customers.customers import find_card
from service.storage.leads.duplicates import Duplicate, Sender, find_duplicate
from service.storage.leads.intake import Added, Arrival
from service.storage.policies.queue_context import QueueContext

NOTHING_SAID: Mapping[str, Any] = {}
MAX_TRIES = 5


class IntakeResult(StrEnum):
    """What a signal did."""

    OPENED = "opened"
    JOINED = "joined"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Received:
    """The lead of a signal, and whether the signal opened it, joined it, or was `known_since`."""

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
    """Open a lead, join the client's open one, or find the lead that the same signal brought.

    `context` are fields of the client's card that came with the signal; a repetition writes them
    if the first try ended before it, and nothing was since. Raises IdempotencyConflict
    when the key was used for another body, SignalTaken when the lead is another sender's that this
    one may not read, and TaskLimit when the operator of a call task has too many open.
    """
    now = resources.clock.now()
    check_times(signal, now)
    await _check_queue(resources, signal)
    basis = await resources.stores.bases.of(signal.queue)
    card = await find_context(resources, signal)
    reported = changed_context(card or CustomerContext(), context) if context else card
    lead = await _new_lead(resources, signal, basis, reported, now)
    identities = identities_of_signal(signal, basis)
    arrival = Arrival(replace(lead, brought_by=sender.name), sender, identities)
    for _ in range(MAX_TRIES):
        received = await _take(resources, arrival, basis, card)
        if isinstance(received, Received):
            if (context or signal.task) and await _card_is_as_then(resources, received):
                await store_on_card(resources, received.lead, context, sender.name)
            return received
        arrival = received
    raise Overloaded("The client's lead changes all the time; send it again in a moment.")


async def _card_is_as_then(resources: Resources, received: Received) -> bool:
    """Whether nothing was written on the client's card since his signal came."""
    number, since = number_of_client(received.lead), received.seen_since
    if since is None:
        return True
    if number is None or not MOVES[received.lead.state]:
        return False
    async with resources.stores.database.transaction() as connection:
        card = await find_card(connection, number)
    return card is None or card.changed_at is None or card.changed_at <= since


async def _take(
    resources: Resources, arrival: Arrival, basis: QueueContext, card: CustomerContext | None
) -> Received | Arrival:
    """What became of an arrival; or how it is to be tried again, as things have changed."""
    sender = arrival.sender
    added = await _add(resources, arrival, basis)
    if added is not None:
        lead = replace(arrival.lead, follows=added.follows)
        await show_in_line(resources, lead)
        if (added.context or CustomerContext()) != (card or CustomerContext()):
            await follow_card(resources, lead, sender.name)
        return Received(lead, IntakeResult.OPENED)
    existing = await find_duplicate(resources.stores.database, arrival.lead.signal, sender)
    if existing is not None:
        _check_same_request(existing, sender)
        return Received(existing.lead, IntakeResult.REPEATED, existing.at)
    found = await join_signal(resources, arrival.lead.signal, sender, arrival.identities)
    if found is None:
        return arrival
    if found.lead is None:
        free = tuple(identity for identity in arrival.identities if identity not in found.contested)
        return replace(arrival, identities=free)
    return Received(found.lead, IntakeResult.JOINED)


async def add_signal(resources: Resources, signal: Signal, sender: Sender) -> Received | None:
    """Join the lead that the client had open then; None when he has none: this opens no lead."""
    check_times(signal, resources.clock.now())
    basis = await resources.stores.bases.of(signal.queue)
    existing = await find_duplicate(resources.stores.database, signal, sender)
    if existing is not None:
        return Received(existing.lead, IntakeResult.REPEATED)
    identities = identities_of_signal(signal, basis)
    found = await join_signal(resources, signal, sender, identities, of_its_time=True)
    if found is None or found.lead is None:
        return None
    return Received(found.lead, IntakeResult.JOINED)


def identities_of_signal(signal: Signal, basis: QueueContext) -> tuple[str, ...]:
    """By what the client of a signal is known.

    A call task is the shop's own work: it is no signal of the client's, and joins nothing.
    """
    if signal.task is not None or signal.channel is Channel.CRM_TASK:
        return ()
    return find_identities(signal.customer, basis.policy.region, basis.policy.joins_by)


async def _check_queue(resources: Resources, signal: Signal) -> None:
    try:
        await resources.stores.directory.queue(signal.queue)
    except QueueNotFound as error:
        remedy = "Leave it out for the default queue, or make that queue first."
        raise InvalidRequest([FieldMistake("queue", str(error), remedy)]) from error


async def _new_lead(
    resources: Resources,
    signal: Signal,
    basis: QueueContext,
    context: CustomerContext | None,
    now: datetime,
) -> Lead:
    situation = RankingInput(signal, asked_at=signal.received_at, rush=basis.rush)
    need = understand(situation, basis.policy)
    need = await route_lead(resources, need, context, basis.policy, now)
    return Lead(
        id=uuid_utils.compat.uuid7(),
        version=1,
        state=State.WAITING,
        situation=need.situation,
        ranking=rank_understood(need, basis.policy, now, basis.observed),
        created_at=now,
    )


async def _add(resources: Resources, arrival: Arrival, basis: QueueContext) -> Added | None:
    if arrival.lead.signal.task is None:
        return await resources.stores.intake.add(arrival)
    return await add_task(resources, arrival, basis.policy.most_open_tasks)


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
