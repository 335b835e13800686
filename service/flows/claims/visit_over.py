"""After a visit, the call that interrupted it comes back to the operator who took it (A7).

Postgres first, with the event; then the line. `keep_in_step` finds calls that did not come back at
once, however the visit ended.
"""

from dataclasses import replace
from datetime import datetime

from service.flows.line.show_in_line import show_all_in_line
from service.leads.lead import Kind, Lead, ParkedFor, State
from service.leads.settlement import Outcome, Settlement
from service.ranking.rank import rank_lead
from service.resources import Resources
from service.rules.call_again import CallAgain
from service.storage.database import Connection
from service.storage.leads.held_leads import HeldLead
from service.storage.leads.history import LeadEvent
from service.storage.leads.holdings import held_kinds, locked_after_visit, visits_over
from service.storage.leads.leads import move
from service.storage.rows import ranking_columns


async def until_visit_is_over(
    resources: Resources, lead: Lead, settlement: Settlement, again: CallAgain
) -> CallAgain:
    """When a call on top of a visitor comes back: after the visit, at the latest as promised."""
    claim = lead.claim
    promised = settlement.outcome is Outcome.CALLBACK and settlement.until is None
    if claim is None or not claim.on_top or not promised:
        return again
    async with resources.stores.database.transaction() as connection:
        kinds = await held_kinds(connection, claim.operator)
    visited = kinds.get(Kind.OFFICE, 0) > (lead.ranking.kind is Kind.OFFICE)
    return replace(again, parked_for=ParkedFor.VISIT_OVER) if visited else again


async def bring_back_after_visit(resources: Resources, ended: HeldLead, operator: str) -> None:
    """After a claim ended: if it was a visitor's, bring back the operator's calls."""
    if ended.cut_calls_short:
        await _bring_back(resources, operator)


async def bring_back_after_visits(resources: Resources) -> None:
    """Bring back the calls of operators who have no visitor any more."""
    for operator in await visits_over(resources.stores.database):
        await _bring_back(resources, operator)


async def _bring_back(resources: Resources, operator: str) -> None:
    now = resources.clock.now()
    async with resources.stores.database.transaction() as connection:
        parked = await locked_after_visit(connection, operator)
        back = [await _wait(connection, resources, lead, now) for lead in parked]
    await show_all_in_line(resources, back)


async def _wait(connection: Connection, resources: Resources, lead: Lead, now: datetime) -> Lead:
    basis = await resources.stores.bases.of(lead.signal.queue)
    situation = replace(lead.situation, promised_at=now)
    ranking = rank_lead(situation, basis.policy, now, basis.observed, lead.ranking.reading)
    event = LeadEvent("lead.due", now, "nextlead", "the visitor is done")
    return await move(connection, lead, State.WAITING, event, ranking_columns(ranking))
