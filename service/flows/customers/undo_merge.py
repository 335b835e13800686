"""A person undoes a merge of two clients: cards and leads are apart again.

Postgres is written first: the cards are parted, then each joined lead is split off in its own
transaction. A lead that is over stays as it ended.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from service.flows.leads.split_lead import split_lead
from service.flows.leads.store_change import store_change
from service.flows.line.show_in_line import show_all_in_line
from service.leads.errors import LeadNotFound, MoveNotAllowed
from service.leads.identity import Evidence
from service.leads.lead import MOVES, Lead
from service.matching.marks import PROVEN, Mark
from service.resources import Resources
from service.storage.customers.marks import forget_marks
from service.storage.customers.merges import (
    ClientMerge,
    later_merge,
    locked_merge,
    merge_cards,
    note_undone,
)
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import drop_marks, lock_leads
from service.storage.leads.merge_target import merge_target_id
from service.storage.leads.signals import Sort, signals_of

UNMERGED = "client.unmerged"


async def undo_merge(
    resources: Resources, merge_id: UUID, by: str, reason: str
) -> tuple[ClientMerge, list[Lead]]:
    """Undo a merge; return it and the leads that are apart again.

    Raises CustomerNotFound. Raises MoveNotAllowed when the merge was undone already, or when a
    later merge must be undone first.
    """
    async with resources.stores.database.transaction() as connection:
        merge = await locked_merge(connection, merge_id)
        if merge.undone_at is not None:
            raise MoveNotAllowed("The merge was undone already.")
        later = await later_merge(connection, merge)
        if later is not None:
            raise MoveNotAllowed(f"{merge.into_client} was merged later; undo {later} first.")
        await _part(connection, merge, by, resources.clock.now())
    async with resources.stores.database.transaction() as connection:  # sees the cards apart
        passed = await _give_back_all(connection, resources, merge, by, reason)
    await show_all_in_line(resources, passed)
    split = [await _split(resources, joined, by, reason) for joined in merge.details["joined"]]
    apart = [lead for lead in split if lead is not None]
    return replace(merge, undone_at=resources.clock.now()), [*passed, *apart]


async def _part(connection: Connection, merge: ClientMerge, by: str, now: datetime) -> None:
    """Part the cards; one card forgets the marks that it learnt from the other."""
    if parts := merge.details.get("parts"):
        await merge_cards(connection, merge.into_client, parts, undone=True)
    if learnt := merge.details.get("learnt"):
        await forget_marks(connection, merge.into_client, learnt)
    await note_undone(connection, merge.id, by, now)


async def _give_back_all(
    connection: Connection, resources: Resources, merge: ClientMerge, by: str, reason: str
) -> list[Lead]:
    """Give the open leads that passed to the other client back to their client."""
    found = await lock_leads(connection, [UUID(item) for item in merge.details["passed"]])
    number = merge.from_client if merge.details.get("parts") else None
    event = LeadEvent(UNMERGED, resources.clock.now(), by, reason, {"from": merge.into_client})
    return [
        await _give_back(connection, resources, lead, number, event)
        for lead in found
        if MOVES[lead.state]
    ]


async def _give_back(
    connection: Connection, resources: Resources, lead: Lead, number: str | None, event: LeadEvent
) -> Lead:
    """Give one lead back to the client that had it before."""
    if lead.signal.customer is None:
        return lead
    merged_as = str((event.details or {})["from"])
    await drop_marks(connection, lead.id, [Mark(Evidence.CUSTOMER, merged_as, PROVEN)])
    customer = replace(lead.signal.customer, external_id=number, recognised=None)
    situation = replace(lead.situation, signal=replace(lead.signal, customer=customer))
    return await store_change(connection, resources, lead, situation, event)


async def _split(
    resources: Resources, joined: dict[str, str | list[str]], by: str, reason: str
) -> Lead | None:
    """Split a joined lead off again; None when the whole lead is over or was split already."""
    into, wanted = UUID(str(joined["into"])), {UUID(item) for item in joined["signals"]}
    async with resources.stores.database.transaction() as connection:
        target = await merge_target_id(connection, into)
        lead = (await lock_leads(connection, [target]))[0]
        signals = await signals_of(connection, target)
    theirs = {item.id for item in signals if item.id in wanted and item.sort is not Sort.CHANGE}
    if signals and signals[0].id in theirs:  # the lead's first signal stays, the others leave
        theirs = {item.id for item in signals if item.sort is not Sort.CHANGE} - theirs
    if not MOVES[lead.state] or not theirs:
        return None
    try:
        return (await split_lead(resources, target, theirs, by, reason)).other
    except (LeadNotFound, MoveNotAllowed):
        return None  # somebody else was faster
