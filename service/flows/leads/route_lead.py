"""Route a lead to operators and skills, by its client's card and the client's need."""

from collections.abc import Sequence
from datetime import datetime

from service.flows.leads.find_client import find_client, with_mentioned
from service.leads.card import with_existing_operators
from service.leads.context import CustomerContext, client_facts
from service.leads.lead import Lead, RankingInput
from service.leads.routing import Routing
from service.leads.unchanging import replace
from service.ranking.reranking import rerank_lead
from service.resources import Resources
from service.rules.need import Need, understand
from service.rules.ownership import NOTHING_KNOWN, find_routing, may_have_owner
from service.rules.policy import Policy
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import alter
from service.storage.policies.queue_context import QueueContext
from service.storage.rows import client_column, ranking_columns, routing_columns


async def route_lead(
    resources: Resources,
    need: Need,
    context: CustomerContext | None,
    policy: Policy,
    now: datetime,
) -> Need:
    """Route a need by the rules; operators who do not exist here own nobody.

    A supervisor's assignment and operators' refusals stay as they are.
    """
    operators = await resources.stores.directory.operators()
    existing = None if context is None else with_existing_operators(context, operators)
    before = need.situation.routing
    routing = find_routing(existing, need.intent, policy.ownership, now, before)
    task = need.signal.task
    client_class = (existing or NOTHING_KNOWN).client_class
    if task and task.operator in operators and may_have_owner(client_class, need.intent):
        routing = replace(routing, owner=task.operator, owner_rule="B14", credited_to=task.operator)
    facts = client_facts(context)
    if routing is before and facts == need.situation.client:
        return need
    return replace(need, situation=replace(need.situation, routing=routing, client=facts))


async def route_situation(
    resources: Resources, situation: RankingInput, basis: QueueContext, now: datetime
) -> RankingInput:
    """Recognise the client of a changed situation again, and route it by the rules."""
    found = await find_client(resources, situation.signal, basis)
    signal = replace(situation.signal, customer=found.customer)
    need = understand(replace(situation, signal=signal), basis.policy)
    need = with_mentioned(need, basis)
    return (await route_lead(resources, need, found.context, basis.policy, now)).situation


async def route_open_leads(
    connection: Connection,
    resources: Resources,
    leads: Sequence[Lead],
    context: CustomerContext,
    actor: str,
) -> list[Lead]:
    """Route a customer's locked leads again after a change of their card; held leads stay held.

    Returns the leads whose routing changed.
    """
    now, rerouted = resources.clock.now(), []
    for lead in leads:
        basis = await resources.stores.bases.of(lead.signal.queue)
        need = understand(lead.situation, basis.policy, lead.ranking.reading)
        situation = (await route_lead(resources, need, context, basis.policy, now)).situation
        if situation == lead.situation:
            continue
        ranking = rerank_lead(lead, situation, basis.policy, now, basis.observed)
        details = _details(lead, situation.routing, ranking.lane)
        event = LeadEvent("lead.routed", now, actor, "the client's card changed", details)
        columns = {
            **routing_columns(situation.routing),
            **ranking_columns(ranking),
            "client_facts": client_column(situation.client),
        }
        rerouted.append(await alter(connection, lead, event, columns))
    return rerouted


def _details(lead: Lead, after: Routing, lane: str) -> dict[str, object]:
    return {
        "before": {**_shown(lead.situation.routing), "lane": lead.ranking.lane},
        "after": {**_shown(after), "lane": lane},
    }


def _shown(routing: Routing) -> dict[str, object]:
    return {
        "owner": routing.owner,
        "owner_rule": routing.owner_rule or None,
        "skills": sorted(routing.skills),
        "skills_rule": routing.skills_rule or None,
        "credited_to": routing.credited_to,
    }
