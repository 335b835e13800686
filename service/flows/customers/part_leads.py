"""Take the leads of two clients apart, after the merge of their cards was undone.

The leads are given back in one transaction, then each joined lead is split off in its own. Every
step may be repeated: what is apart stays so. A lead that is over stays as it ended.
"""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog

from service.flows.leads.split_lead import split_lead
from service.flows.leads.store_change import store_change
from service.flows.line.show_in_line import show_all_in_line
from service.leads.errors import InvalidRequest, LeadNotFound, MoveNotAllowed, NextleadError
from service.leads.identity import Evidence
from service.leads.lead import MOVES, Lead
from service.matching.marks import PROVEN, Mark
from service.resources import Resources
from service.storage.customers.merges import ClientMerge, note_apart, unfinished_undoings
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import drop_marks, lock_leads
from service.storage.leads.merge_target import merge_target_id
from service.storage.leads.signals import Sort, signals_of

log = structlog.get_logger()

UNMERGED = "client.unmerged"
AT_ONCE = 20
OVERDUE = timedelta(minutes=1)  # until then, whoever undoes the merge is still at it


async def finish_undoings(resources: Resources) -> None:
    """Go on where somebody who undid a merge was interrupted."""
    before = resources.clock.now() - OVERDUE
    async with resources.stores.database.transaction() as connection:
        found = await unfinished_undoings(connection, before, AT_ONCE)
    for merge in found:
        try:
            await part_leads(resources, merge)
        except NextleadError as error:
            log.warning("merge.not_undone", merge=str(merge.id), why=str(error))


async def part_leads(resources: Resources, merge: ClientMerge) -> list[Lead]:
    """Take apart what is left of an undone merge; return the leads that changed."""
    by, reason, now = merge.undone_by, merge.undoing, resources.clock.now()
    assert by is not None, "it is being undone"
    assert reason is not None, "it is not finished"
    event = LeadEvent(UNMERGED, now, by, reason, {"from": merge.into_client})
    async with resources.stores.database.transaction() as connection:
        passed = await _give_back_all(connection, resources, merge, event)
    await show_all_in_line(resources, passed)
    split = [await _split(resources, joined, by, reason) for joined in merge.details["joined"]]
    async with resources.stores.database.transaction() as connection:
        await note_apart(connection, merge.id)
    return [*passed, *(lead for lead in split if lead is not None)]


async def _give_back_all(
    connection: Connection, resources: Resources, merge: ClientMerge, event: LeadEvent
) -> list[Lead]:
    """Give the open leads that passed to the other client back to their client."""
    found = await lock_leads(connection, [UUID(item) for item in merge.details["passed"]])
    return [
        await _give_back(connection, resources, merge, lead, event)
        for lead in found
        if MOVES[lead.state] and _number(lead) == merge.into_client
    ]


async def _give_back(
    connection: Connection, resources: Resources, merge: ClientMerge, lead: Lead, event: LeadEvent
) -> Lead:
    """Give one lead back to the client that had it before."""
    assert lead.signal.customer is not None, "it has the number of the other client"
    await drop_marks(connection, lead.id, [Mark(Evidence.CUSTOMER, merge.into_client, PROVEN)])
    number = merge.from_client if merge.details.get("parts") else None
    customer = replace(lead.signal.customer, external_id=number, recognised=None)
    situation = replace(lead.situation, signal=replace(lead.signal, customer=customer))
    return await store_change(connection, resources, lead, situation, event)


def _number(lead: Lead) -> str | None:
    return None if lead.signal.customer is None else lead.signal.customer.external_id


async def _split(
    resources: Resources, joined: dict[str, str | list[str]], by: str, reason: str
) -> Lead | None:
    """Split a joined lead off again; None when the whole lead is over or was split already."""
    into, wanted = UUID(str(joined["into"])), {UUID(item) for item in joined["signals"]}
    try:
        async with resources.stores.database.transaction() as connection:
            target = await merge_target_id(connection, into)
            lead = (await lock_leads(connection, [target]))[0]
            signals = await signals_of(connection, target)
        theirs = {item.id for item in signals if item.id in wanted and item.sort is not Sort.CHANGE}
        if signals and signals[0].id in theirs:  # the lead's first signal stays, the others leave
            theirs = {item.id for item in signals if item.sort is not Sort.CHANGE} - theirs
        if not MOVES[lead.state] or not theirs:
            return None
        return (await split_lead(resources, target, theirs, by, reason)).other
    except (LeadNotFound, MoveNotAllowed, InvalidRequest):
        return None  # it was let go, or somebody else was faster
