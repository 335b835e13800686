"""An operator at a desk can undo their last settlement for a moment, without its token."""

from service.flows.claims.undo_settle import undo_settle
from service.leads.claim_end import UNDONE_WITHIN
from service.leads.errors import MoveNotAllowed
from service.leads.lead import Claim, Lead, State
from service.leads.settlement import Outcome
from service.resources import Resources
from service.storage.operators.desk_ends import (
    DeskEnd,
    drop_desk_end,
    find_desk_end,
    put_desk_end,
)


async def remember_end(resources: Resources, lead: Lead, claim: Claim, outcome: Outcome) -> None:
    """Store a settlement that can be undone; a lead that is to be called again is not settled."""
    now, name = resources.clock.now(), claim.operator
    async with resources.stores.database.transaction() as connection:
        if lead.state is State.SETTLED:
            end = DeskEnd(name, lead.id, claim.token, outcome.value, now)
            await put_desk_end(connection, end)
        else:
            await drop_desk_end(connection, name)


async def view_undoable(resources: Resources, operator: str) -> DeskEnd | None:
    """The settlement that an operator can undo now."""
    since = resources.clock.now() - UNDONE_WITHIN
    async with resources.stores.database.transaction() as connection:
        return await find_desk_end(connection, operator, since)


async def undo_at_desk(resources: Resources, operator: str) -> Lead:
    """Undo the last settlement of an operator; raises MoveNotAllowed when it is too late."""
    end = await view_undoable(resources, operator)
    if end is None:
        raise MoveNotAllowed("There is nothing to take back any more.")
    lead = await undo_settle(resources, end.lead_id, end.token)
    async with resources.stores.database.transaction() as connection:
        await drop_desk_end(connection, operator)
    return lead
