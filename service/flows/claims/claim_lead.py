"""An operator takes one certain lead, past the order of the line.

Postgres first: only a waiting lead, and only below capacity. Then the line.
"""

import secrets
from uuid import UUID

from service.flows.line.follow_time import follow_time
from service.flows.line.show_in_line import show_in_line
from service.leads.errors import AtCapacity, MoveNotAllowed
from service.leads.lead import Claim, Kind, Lead, State
from service.leads.operator import Operator
from service.ranking.decision import Decision, ServedVia, decide
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.claim_events import BY_ID, CLAIMED, claim_details, last_decision
from service.storage.leads.history import LeadEvent
from service.storage.leads.holdings import held_kinds
from service.storage.leads.leads import count_held, hold, locked


async def claim_lead(
    resources: Resources, lead_id: UUID, name: str
) -> tuple[Lead, Decision | None]:
    """Claim a waiting lead by its id; asked again for the lead that he holds, it is his still.

    With the lead goes the decision that is stored with the claim. Raises MoveNotAllowed when it
    does not wait, AtCapacity when he holds enough already.
    """
    operator, now = await resources.stores.directory.operator(name), resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        held = await count_held(connection, name)
        lead = await locked(connection, lead_id)
        if lead.claim is not None and lead.claim.operator == name:
            return lead, await last_decision(connection, lead.id)
        if lead.state is not State.WAITING:
            raise MoveNotAllowed(f"The lead is {lead.state}; only a waiting one can be claimed.")
        if held >= operator.capacity:
            raise AtCapacity(f"{name} holds {operator.capacity} already; settle or release first.")
        await _check_kind(connection, operator, lead.ranking.kind)
        lead = await follow_time(connection, resources, lead, now)
        lease = (await resources.stores.bases.of(lead.signal.queue)).policy.lease
        claim = Claim(name, secrets.token_urlsafe(16), now, now + lease)
        decision = decide(ServedVia.ASKED_FOR, lead.ranking.rank)
        why = claim_details(lead, decision)
        event = LeadEvent(CLAIMED, now, name, BY_ID, why)
        lead = await hold(connection, lead, claim, event)
    resources.stores.attendance.seen(name, now)
    await show_in_line(resources, lead)
    return lead, decision


async def _check_kind(connection: Connection, operator: Operator, kind: Kind) -> None:
    if kind in operator.full_kinds(await held_kinds(connection, operator.name)):
        limit = operator.capacity_by_kind[kind]
        raise AtCapacity(f"{operator.name} may hold {limit} of the kind {kind}; settle one first.")
