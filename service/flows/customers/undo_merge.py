"""A person undoes a merge of two clients: cards and leads are apart again.

Postgres is written first: the cards are parted, and with them is written down that leads are still
to be taken apart. part_leads.py does that. If it is interrupted, the repeated call goes on, or
upkeep does.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from service.flows.customers.part_leads import part_leads
from service.leads.errors import MoveNotAllowed
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.customers.marks import forget_marks
from service.storage.customers.merges import (
    ClientMerge,
    later_merge,
    locked_merge,
    note_undone,
    part_cards,
)
from service.storage.database import Connection


async def undo_merge(
    resources: Resources, merge_id: UUID, by: str, reason: str
) -> tuple[ClientMerge, list[Lead]]:
    """Undo a merge; return it and the leads that are apart again.

    Raises CustomerNotFound. Raises MoveNotAllowed when the merge was undone already, or when a
    later merge must be undone first.
    """
    async with resources.stores.database.transaction() as connection:
        merge = await locked_merge(connection, merge_id)
        if merge.undone_at is None:
            merge = await _part(connection, merge, by, reason, resources.clock.now())
        elif merge.undoing is None:
            raise MoveNotAllowed("The merge was undone already.")
    apart = await part_leads(resources, merge)  # sees the cards apart
    return replace(merge, undoing=None), apart


async def _part(
    connection: Connection, merge: ClientMerge, by: str, reason: str, now: datetime
) -> ClientMerge:
    """Part the cards; one card forgets the marks that it learnt from the other."""
    later = await later_merge(connection, merge)
    if later is not None:
        raise MoveNotAllowed(f"{merge.into_client} was merged later; undo {later} first.")
    if merge.details.get("parts"):
        await part_cards(connection, merge)
    if learnt := merge.details.get("learnt"):
        await forget_marks(connection, merge.into_client, learnt)
    return await note_undone(connection, merge, by, reason, now)
