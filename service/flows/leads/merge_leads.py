"""Open leads of one client turn out to be one need: one lead takes in the others.

It runs in the caller's transaction. The caller locked the leads and updates the line.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from service.flows.leads.store_change import store_opening
from service.flows.leads.store_facts import store_facts
from service.leads.identity import strongest
from service.leads.lead import FREE, MOVES, Lead, State
from service.leads.unchanging import replace
from service.matching.joining import together
from service.matching.marks import Mark
from service.matching.same_client import are_one_client
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.calls import pass_news
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import marks_of_leads, pass_marks
from service.storage.leads.leads import move
from service.storage.leads.merge_target import move_merged
from service.storage.leads.signals import pass_signals

JOINED = "lead.joined"


async def merge_leads(
    connection: Connection,
    resources: Resources,
    target: Lead,
    others: Sequence[Lead],
    actor: str,
) -> list[Lead]:
    """Merge locked leads of one client into the target, where that is allowed.

    Returns all leads that changed, the target first.
    """
    gone = []
    for other in others:
        marks = await marks_of_leads(connection, [target.id, other.id])
        were_split = other.split_from == target.id or target.split_from == other.id
        same = not were_split and are_one_client(marks[target.id], marks[other.id])
        if same and _may_be_joined(other, target):
            target, ended = await _merge(connection, resources, target, other, actor)
            gone.append(ended)
    return [target, *gone]


async def merge_by_hand(
    connection: Connection,
    resources: Resources,
    target: Lead,
    others: Sequence[Lead],
    actor: str,
) -> list[Lead]:
    """Merge leads because a person says that they are one client, whatever their marks say."""
    gone = []
    for other in others:
        if _may_be_joined(other, target):
            target, ended = await _merge(connection, resources, target, other, actor)
            gone.append(ended)
    return [target, *gone]


async def _merge(
    connection: Connection, resources: Resources, target: Lead, other: Lead, actor: str
) -> tuple[Lead, Lead]:
    """Merge one lead into the target; return both, the merged one is over."""
    marks = (await marks_of_leads(connection, [other.id]))[other.id]
    now, details = resources.clock.now(), {"into": str(target.id)}
    event = LeadEvent(JOINED, now, actor, "one client", details)
    ended = await _end(connection, other, target, marks, event)
    return await _take_over(connection, resources, target, other, actor), ended


def target_of(
    leads: Sequence[Lead], shared: Mapping[UUID, Collection[str]]
) -> tuple[Lead, list[Lead]]:
    """Choose the lead into which a client's other leads merge; return it and the others.

    A held lead comes first, then one that awaits payment, then the one with the strongest evidence,
    then the oldest.
    """
    target, *others = sorted(
        leads,
        key=lambda item: (
            item.state is not State.CLAIMED,
            not item.awaits_payment,
            strongest(shared[item.id]),
            item.id,
        ),
    )
    return target, others


def _may_be_joined(other: Lead, target: Lead) -> bool:
    """A lead that is held or awaits payment is not merged into another."""
    is_free = other.state in FREE and not other.awaits_payment
    return bool(MOVES[target.state]) and is_free


async def _end(
    connection: Connection, other: Lead, target: Lead, marks: Sequence[Mark], event: LeadEvent
) -> Lead:
    """End a merged lead; later signals and facts of it go to the target."""
    await store_opening(connection, target)
    await store_opening(connection, other)
    gone = await move(connection, other, State.JOINED, event, {"joined_into": target.id})
    await pass_marks(connection, other.id, marks, target)
    await pass_signals(connection, other.id, target.id)
    await move_merged(connection, other.id, target.id)
    await pass_news(connection, other.id, target.id)
    return gone


async def _take_over(
    connection: Connection, resources: Resources, target: Lead, other: Lead, actor: str
) -> Lead:
    """Add the other lead's facts to the target; of two parking times the earlier one counts."""
    basis = await resources.stores.bases.of(target.signal.queue)
    situation = together(target.situation, other.situation, basis.policy)
    event = LeadEvent(JOINED, resources.clock.now(), actor, "one client", {"lead": str(other.id)})
    waits = other.state is State.WAITING
    columns: dict[str, Any] = {"note": target.note or other.note}
    if target.parked_until is not None and other.parked_until is not None:
        until = min(target.parked_until, other.parked_until)
        target, columns["parked_until"] = replace(target, parked_until=until), until
    return await store_facts(
        connection, resources, target, situation, event, from_client=waits, **columns
    )
