"""New facts of a locked lead are written down: where it is led, where it stands, and the event.

Runs inside the transaction of the flow that heard them, which tells the line.
"""

from dataclasses import replace
from typing import Any

from service.flows.leads.route_lead import route_situation
from service.leads.lead import Lead, Situation, State
from service.ranking.reranking import stand_again
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import Event
from service.storage.leads.leads import alter, move
from service.storage.rows import facts_before, situation_columns, standing_columns


async def store_facts(
    connection: Connection,
    resources: Resources,
    lead: Lead,
    situation: Situation,
    event: Event,
    *,
    from_client: bool,
    **columns: Any,
) -> Lead:
    """The lead as it stands by a situation now; a parked one waits again when the client spoke.

    The event tells the facts as they were before, besides its own details.
    """
    now = event.at
    basis = await resources.stores.bases.of(lead.signal.queue)
    situation = await route_situation(resources, situation, basis.policy, now)
    waits_again = lead.state is State.PARKED and from_client
    ranked = replace(lead, state=State.WAITING, parked_until=None) if waits_again else lead
    standing = stand_again(ranked, situation, basis.policy, now, basis.observed)
    before = facts_before(lead.situation, situation)
    told = replace(event, details={**(event.details or {}), "before": before})
    changes = {**situation_columns(situation), **standing_columns(standing), **columns}
    if waits_again:
        return await move(connection, lead, State.WAITING, told, changes)
    return await alter(connection, lead, told, changes)
