"""An operator takes one certain lead, past the order of the line.

Postgres first: only a waiting lead, and only below capacity. Then the line.
"""

import secrets
from uuid import UUID

from service.flows.follow_time import follow_time
from service.flows.show_in_line import show_in_line
from service.leads.errors import AtCapacity, MoveNotAllowed
from service.leads.lead import Claim, Lead, State
from service.ranking.decision import Way, decide
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
        lead = await follow_time(connection, resources, lead, now)
        lease = (await resources.stores.bases.of(lead.signal.queue)).policy.lease
        claim = Claim(name, secrets.token_urlsafe(16), now, now + lease)
        event = Event("lead.claimed", now, name, "asked for by id", _why(lead))
        lead = await hold(connection, lead, claim, event)
    await show_in_line(resources, lead)
    return lead


def _why(lead: Lead) -> dict[str, object]:
    situation, observed = lead.situation, lead.standing.observed
    return {
        "decision": decide(Way.ASKED_FOR, lead.standing.rank),
        "situation": {
            "asked_at": situation.asked_at,
            "callback_due": situation.callback_due,
            "rush_cutoff_at": situation.rush.cutoff_at if situation.rush else None,
            "rush_minutes": situation.rush.minutes if situation.rush else None,
            "observed_won": observed.won if observed else None,
            "observed_lost": observed.lost if observed else None,
        },
        "explanation": lead.standing.explanation,
    }
