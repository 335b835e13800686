"""Store new facts of a locked lead: its routing, its rank, and the event.

It runs in the caller's transaction; the caller updates the line.
"""

from typing import Any

from service.flows.leads.route_lead import route_situation
from service.flows.line.offer_again import with_offer
from service.leads.lead import Lead, RankingInput, State
from service.leads.unchanging import replace
from service.ranking.reranking import rerank_lead
from service.resources import Resources
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import alter, move
from service.storage.rows import facts_before, input_columns, ranking_columns


async def store_facts(
    connection: Connection,
    resources: Resources,
    lead: Lead,
    situation: RankingInput,
    event: LeadEvent,
    *,
    from_client: bool,
    **columns: Any,
) -> Lead:
    """Store the facts of a situation and return the lead; a parked lead waits again `from_client`.

    Besides its own details, the event contains the facts as they were before.
    """
    now = event.at
    basis = await resources.stores.bases.of(lead.signal.queue)
    situation = await route_situation(resources, situation, basis, now)
    if from_client:
        situation = await with_offer(resources, lead, situation)
        columns = {"offer_again_at": None, **columns}
    waits_again = lead.state is State.PARKED and from_client
    ranked = replace(lead, state=State.WAITING, parked_until=None) if waits_again else lead
    ranking = rerank_lead(ranked, situation, basis.policy, now, basis.observed)
    before = facts_before(lead.situation, situation)
    reported = replace(event, details={**(event.details or {}), "before": before})
    changes = {**input_columns(situation), **ranking_columns(ranking), **columns}
    if waits_again:
        return await move(connection, lead, State.WAITING, reported, changes)
    return await alter(connection, lead, reported, changes)
