"""An operator takes one certain lead, past the order of the line.

Postgres first: only a waiting lead, and only below capacity. Then the line.
"""

import secrets
from uuid import UUID

from service.flows.show_in_line import show_in_line
from service.leads.errors import AtCapacity, MoveNotAllowed
from service.leads.lead import Claim, Lead, State
from service.resources import Resources
from service.storage.history import Event
from service.storage.leads import count_held, hold, locked


async def claim_lead(resources: Resources, lead_id: UUID, name: str) -> Lead:
    """Claim a waiting lead by its id; asked again for the lead that he holds, it is his still.

    Raises MoveNotAllowed when it does not wait, AtCapacity when he holds enough already.
    """
    operator, now = await resources.stores.directory.operator(name), resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        held = await count_held(connection, name)
        lead = await locked(connection, lead_id)
        if lead.claim is not None and lead.claim.operator == name:
            return lead
        if lead.state is not State.WAITING:
            raise MoveNotAllowed(f"The lead is {lead.state}; only a waiting one can be claimed.")
        if held >= operator.capacity:
            raise AtCapacity(f"{name} holds {operator.capacity} already; settle or release first.")
        until = now + resources.policy.lease
        claim = Claim(name, secrets.token_urlsafe(16), now, until)
        event = Event("lead.claimed", now, name, "asked for by id", _why(lead))
        lead = await hold(connection, lead, claim, event)
    await show_in_line(resources, lead)
    return lead


def _why(lead: Lead) -> dict[str, object]:
    return {"explanation": lead.standing.explanation}
