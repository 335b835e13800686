"""A client is no longer live: the talk is over, or there was none.

The operator who talked gets time to finish: they are offered nothing, and the lease runs only after
it. An unanswered client is to be called back at once (A8). It runs in the caller's transaction; the
caller shows the lead in the line.
"""

from dataclasses import replace

from service.flows.line.show_in_line import show_in_line
from service.leads.lead import Lead
from service.ranking.reranking import rerank_lead
from service.resources import Resources
from service.rules.policy import Policy
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import alter
from service.storage.operators.operators import begin_wrap_up
from service.storage.rows import facts_before, input_columns, ranking_columns


async def end_talk(
    connection: Connection, resources: Resources, lead: Lead, event: LeadEvent, *, missed: bool
) -> Lead:
    """End the talk of a locked lead whose client is gone; an answered call is no missed call."""
    now, policy = event.at, (basis := await resources.stores.bases.of(lead.signal.queue)).policy
    talked = was_answered(lead) and not missed
    situation = replace(
        lead.situation,
        signal=replace(lead.signal, live=False),
        talked_at=now if talked else lead.situation.talked_at,
    )
    ranking = rerank_lead(lead, situation, policy, now, basis.observed)
    details = {"before": facts_before(lead.situation, situation)}
    columns = {**input_columns(situation), **ranking_columns(ranking)}
    if talked and lead.claim is not None:
        columns |= _finishing(lead, policy, event)
        await begin_wrap_up(connection, lead.claim.operator, now + policy.wrap_up)
    return await alter(connection, lead, replace(event, details=details), columns)


def was_answered(lead: Lead) -> bool:
    """Whether somebody holds the lead, or answered since the client last asked."""
    answered_at = lead.situation.own_answer_at
    return lead.claim is not None or (
        answered_at is not None and answered_at >= lead.situation.asked_at
    )


def _finishing(lead: Lead, policy: Policy, event: LeadEvent) -> dict[str, object]:
    assert lead.claim is not None, "somebody talked"
    until = event.at + policy.wrap_up + policy.lease
    paused = lead.claim.paused_since is not None
    return {"talking_since": None, "lease_until": lead.claim.lease_until if paused else until}


async def show_end_of_talk(resources: Resources, lead: Lead) -> None:
    """After the commit, update the line and the presence of the operator."""
    if lead.claim is not None:
        resources.stores.directory.forget_staff()
    await show_in_line(resources, lead)
