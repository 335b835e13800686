"""A signal comes in and opens a lead.

Postgres first: the lead, its first event and who the client is are committed together before
anybody is told. Then the line; if that fails, `keep_in_step` shows the lead there. What else came
of the client's card is written last.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import uuid_utils.compat

from service.flows.add_task import add_task
from service.flows.change_customer import follow_card, keep_on_card
from service.flows.route_lead import known_context, route_lead
from service.flows.show_in_line import show_in_line
from service.leads.card import changed_context
from service.leads.context import CustomerContext
from service.leads.errors import (
    FieldMistake,
    IdempotencyConflict,
    InvalidRequest,
    QueueNotFound,
    SignalTaken,
    StorageFailed,
)
from service.leads.lead import Lead, Signal, Situation, State
from service.leads.times import check_times
from service.ranking.need import understand
from service.ranking.rank import stand_understood
from service.resources import Resources
from service.storage.bases import Basis
from service.storage.intake import Added, Arrival, Known, Sender

NOTHING_SAID: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Received:
    """The lead of a signal; not created when the signal was a repetition."""

    lead: Lead
    created: bool


async def receive_signal(
    resources: Resources,
    signal: Signal,
    sender: Sender,
    context: Mapping[str, Any] = NOTHING_SAID,
) -> Received:
    """Open a lead, or find the one that the same signal opened before.

    `context` are fields of the client's card that came with the signal; a repetition does not
    change the card. Raises IdempotencyConflict when the key was used for another body, SignalTaken
    when the lead is one of another sender's that this one may not read, and TaskLimit when the
    operator of a call task has too many open.
    """
    now = resources.clock.now()
    check_times(signal, now)
    await _check_queue(resources, signal)
    basis = await resources.stores.bases.of(signal.queue)
    card = await known_context(resources, signal)
    told = changed_context(card or CustomerContext(), context) if context else card
    lead = await _new_lead(resources, signal, basis, told, now)
    arrival = Arrival(lead, sender)
    added = await _add(resources, arrival, basis)
    if added is not None:
        await show_in_line(resources, lead)
        if (added.context or CustomerContext()) != (card or CustomerContext()):
            await follow_card(resources, lead, sender.name)
        await keep_on_card(resources, lead, context, sender.name)
        return Received(lead, created=True)
    known = await resources.stores.intake.known(arrival)
    if known is None:
        raise StorageFailed("The lead was known a moment ago and is gone.")
    _check_same_request(known, sender)
    return Received(known.lead, created=False)


async def _check_queue(resources: Resources, signal: Signal) -> None:
    try:
        await resources.stores.directory.queue(signal.queue)
    except QueueNotFound as error:
        remedy = "Leave it out for the default queue, or make that queue first."
        raise InvalidRequest([FieldMistake("queue", str(error), remedy)]) from error


async def _new_lead(
    resources: Resources,
    signal: Signal,
    basis: Basis,
    context: CustomerContext | None,
    now: datetime,
) -> Lead:
    situation = Situation(signal, asked_at=signal.received_at, rush=basis.rush)
    need = understand(situation, basis.policy)
    need = await route_lead(resources, need, context, basis.policy, now)
    return Lead(
        id=uuid_utils.compat.uuid7(),
        version=1,
        state=State.WAITING,
        situation=need.situation,
        standing=stand_understood(need, basis.policy, now, basis.observed),
        created_at=now,
    )


async def _add(resources: Resources, arrival: Arrival, basis: Basis) -> Added | None:
    if arrival.lead.signal.task is None:
        return await resources.stores.intake.add(arrival)
    return await add_task(resources, arrival, basis.policy.most_open_tasks)


def _check_same_request(known: Known, sender: Sender) -> None:
    same_key = (
        sender.idempotency_key is not None and known.idempotency_key == sender.idempotency_key
    )
    if same_key and known.request_digest != sender.request_digest:
        raise IdempotencyConflict(
            "This Idempotency-Key came before with another body. Send a new key for a new lead."
        )
    if known.created_by != sender.name and not sender.may_read:
        raise SignalTaken("Another key posted this (source, external_id); name your own source.")
