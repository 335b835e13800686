"""A supervisor decides about one lead against the rules: pin, assign, take away, withdraw.

Each decision needs a reason and leaves an event with its author. Postgres first, with the event;
then the line. A repeated decision gets the same answer and leaves no second event.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from service.flows.claims.check_handover import Handover, check_handover, queue_of_handover
from service.flows.claims.pause_held import let_held_go_on
from service.flows.leads.move_queue import columns_in_queue, know_client_there, show_moved
from service.flows.leads.update_customer import note_end
from service.flows.line.show_in_line import show_in_line
from service.leads.errors import (
    FieldMistake,
    InvalidRequest,
    MoveNotAllowed,
    OperatorNotFound,
)
from service.leads.lead import MOVES, Lead, State
from service.leads.routing import Routing
from service.leads.settlement import COUNTED, Outcome
from service.ranking.reranking import rerank_lead
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import alter, locked, move
from service.storage.policies.conversions import count_outcome
from service.storage.rows import ranking_columns, routing_columns

NOBODY = ""  # no operator gives the lead away, but a supervisor
PINNED, UNPINNED = "lead.pinned", "lead.unpinned"
ASSIGNED, UNASSIGNED = "lead.assigned", "lead.unassigned"
TAKEN_AWAY, WITHDRAWN = "lead.taken_away", "lead.settled"


@dataclass(frozen=True, slots=True)
class Instruction:
    """A supervisor's decision: the name of their key, and the reason."""

    author: str
    reason: str


async def pin_lead(resources: Resources, lead_id: UUID, word: Instruction) -> Lead:
    """Put a lead on the highest stage, that of visitors; a parked or held one when it waits again.

    Raises MoveNotAllowed when the lead is over.
    """
    now = resources.clock.now()

    def pinned(lead: Lead) -> Routing:
        _check_open(lead)
        routing = lead.situation.routing
        return replace(routing, pinned_at=routing.pinned_at or now)

    return await _route(
        resources, lead_id, LeadEvent(PINNED, now, word.author, word.reason), pinned
    )


async def unpin_lead(resources: Resources, lead_id: UUID, word: Instruction) -> Lead:
    """Let the policy place the lead again; raises MoveNotAllowed when it is over."""

    def unpinned(lead: Lead) -> Routing:
        _check_open(lead)
        return replace(lead.situation.routing, pinned_at=None)

    event = LeadEvent(UNPINNED, resources.clock.now(), word.author, word.reason)
    return await _route(resources, lead_id, event, unpinned)


async def assign_lead(resources: Resources, lead_id: UUID, name: str, word: Instruction) -> Lead:
    """Let a lead wait for one operator, even if they declined it; a parked one when it is due.

    While the operator is off shift, or after they decline it, their lane is everybody's (B2). A
    lead that they release is theirs again. Raises InvalidRequest when the operator does not exist
    or does not serve the lead's queue. Raises MoveNotAllowed when the lead is held or over.
    """
    queues = await _queues_of(resources, name)

    def assigned(lead: Lead) -> Routing:
        _check_open(lead)
        if lead.signal.queue not in queues:
            raise _wrong_operator(f"`{name}` is not served from `{lead.signal.queue}`")
        routing = lead.situation.routing
        changed = routing.handed_to_operator(name)
        if lead.claim is not None and changed != routing:
            holder = lead.claim.operator
            raise MoveNotAllowed(f"The lead is held by {holder}; take it away first.")
        return changed

    now, details = resources.clock.now(), {"operator": name}
    event = LeadEvent(ASSIGNED, now, word.author, word.reason, details)
    return await _route(resources, lead_id, event, assigned)


async def unassign_lead(resources: Resources, lead_id: UUID, word: Instruction) -> Lead:
    """Let the rules choose the lead's owner again; raises MoveNotAllowed when it is over."""

    def unassigned(lead: Lead) -> Routing:
        _check_open(lead)
        return replace(lead.situation.routing, assigned_to=None)

    event = LeadEvent(UNASSIGNED, resources.clock.now(), word.author, word.reason)
    return await _route(resources, lead_id, event, unassigned)


async def hand_over_unheld(
    resources: Resources, lead_id: UUID, to: Handover, word: Instruction
) -> Lead:
    """Let a waiting lead wait for another operator, for a skill, or in another queue (B18).

    Raises InvalidRequest with every mistake, and MoveNotAllowed when the lead does not wait.
    """
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        lead = await locked(connection, lead_id)
        if lead.state is not State.WAITING:
            raise MoveNotAllowed(f"The lead is {lead.state}; take it away first.")
        before, routing = lead.signal.queue, lead.situation.routing
        if to.operator is None and to.skill is None and to.queue == before:
            return lead
        await check_handover(resources, lead, NOBODY, replace(to, note=word.reason))
        queue = await queue_of_handover(resources, lead, to)
        routing = _handed(routing, to)
        if queue == before and routing == lead.situation.routing:
            return lead
        details = {"to": to.target, "note": word.reason}
        event = LeadEvent("lead.transferred", now, word.author, word.reason, details)
        if queue == before:
            changes = await _place(resources, lead, routing, now)
        else:
            changes = await columns_in_queue(resources, lead, queue, routing)
        lead = await alter(connection, lead, event, changes)
        if queue != before:
            await know_client_there(connection, lead)
    if queue != before:
        await show_moved(resources, lead, before)
    else:
        await show_in_line(resources, lead)
    return lead


def _handed(routing: Routing, to: Handover) -> Routing:
    if to.operator is not None:
        return routing.handed_to_operator(to.operator)
    if to.skill is not None:
        return routing.handed_to_skill(to.skill, NOBODY)
    return replace(routing, assigned_to=None)


async def take_away(resources: Resources, lead_id: UUID, word: Instruction) -> Lead:
    """Put a held lead back in the line; the holder's token is no longer valid.

    An assignment to the holder ends too. Raises MoveNotAllowed when nobody holds the lead.
    """
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        lead = await locked(connection, lead_id)
        if lead.claim is None:
            raise MoveNotAllowed(f"Nobody holds the lead; it is {lead.state}.")
        holder, routing = lead.claim.operator, lead.situation.routing
        if routing.assigned_to == holder:
            routing = replace(routing, assigned_to=None)
        event = LeadEvent(TAKEN_AWAY, now, word.author, word.reason, {"operator": holder})
        changes = await _place(resources, lead, routing, now)
        ended, lead = lead.claim, await move(connection, lead, State.WAITING, event, changes)
    await show_in_line(resources, lead)
    await let_held_go_on(resources, ended)
    return lead


async def withdraw_lead(
    resources: Resources, lead_id: UUID, outcome: Outcome, word: Instruction
) -> Lead:
    """Settle a waiting, parked or held lead as `lost` or `cancelled` (B8).

    The outcome counts for learning like an operator's. Raises MoveNotAllowed when the lead is over
    in another way.
    """
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        lead = await locked(connection, lead_id)
        if _is_withdrawn(lead, outcome, word):
            return lead
        _check_open(lead)
        ended, lead = lead.claim, await _settle(connection, lead, outcome, word, now)
    await show_in_line(resources, lead)
    if ended is not None:
        await let_held_go_on(resources, ended)
    return lead


async def _settle(
    connection: Connection, lead: Lead, outcome: Outcome, word: Instruction, now: datetime
) -> Lead:
    holder = None if lead.claim is None else lead.claim.operator
    details = {"outcome": outcome.value, "withdrawn": True, "operator": holder}
    changes = {
        "outcome": outcome.value,
        "reason": word.reason,
        "settled_at": now,
        "settled_by": word.author,
        "counted": outcome in COUNTED,
    }
    if outcome in COUNTED:
        await count_outcome(connection, lead, won=False)
    event = LeadEvent(WITHDRAWN, now, word.author, word.reason, details)
    withdrawn = await move(connection, lead, State.SETTLED, event, changes)
    await note_end(connection, withdrawn, word.author, now, talked=False)
    return withdrawn


def _is_withdrawn(lead: Lead, outcome: Outcome, word: Instruction) -> bool:
    requested = (outcome.value, word.reason, word.author)
    return lead.state is State.SETTLED and requested == (lead.outcome, lead.reason, lead.settled_by)


async def _route(
    resources: Resources, lead_id: UUID, event: LeadEvent, decide: Callable[[Lead], Routing]
) -> Lead:
    """Store another routing and its place in the line; do nothing when it is the same."""
    async with resources.stores.database.transaction() as connection:
        lead = await locked(connection, lead_id)
        routing = decide(lead)
        if routing == lead.situation.routing:
            return lead
        changes = await _place(resources, lead, routing, event.at)
        lead = await alter(connection, lead, event, changes)
    await show_in_line(resources, lead)
    return lead


async def _place(
    resources: Resources, lead: Lead, routing: Routing, now: datetime
) -> dict[str, object]:
    basis = await resources.stores.bases.of(lead.signal.queue)
    situation = replace(lead.situation, routing=routing)
    ranking = rerank_lead(lead, situation, basis.policy, now, basis.observed)
    return {**routing_columns(routing), **ranking_columns(ranking)}


async def _queues_of(resources: Resources, name: str) -> tuple[str, ...]:
    try:
        return (await resources.stores.directory.operator(name)).queues
    except OperatorNotFound as error:
        raise _wrong_operator(f"no operator is called `{name}`") from error


def _wrong_operator(reason: str) -> InvalidRequest:
    return InvalidRequest([FieldMistake("operator", reason, "Name one of the queue's operators.")])


def _check_open(lead: Lead) -> None:
    if not MOVES[lead.state]:
        ended = f" as {lead.outcome} by {lead.settled_by}" if lead.outcome else ""
        raise MoveNotAllowed(f"The lead is {lead.state}{ended}; nothing can be decided of it.")
