"""Columns of a held lead that returns to the line or is parked: its routing and its place."""

from dataclasses import replace
from datetime import datetime

from service.leads.lead import Lead
from service.leads.routing import Routing
from service.ranking.rank import rank_lead
from service.ranking.reranking import rank_parked
from service.rules.call_again import CallAgain
from service.storage.policies.queue_context import QueueContext
from service.storage.rows import ranking_columns, routing_columns


def place_in_line(
    lead: Lead, routing: Routing, basis: QueueContext, now: datetime
) -> dict[str, object]:
    """Columns of a lead that is routed to others now; its age stays."""
    situation = replace(lead.situation, routing=routing)
    ranking = rank_lead(situation, basis.policy, now, basis.observed, lead.ranking.reading)
    return {**routing_columns(routing), **ranking_columns(ranking)}


def place_when_due(
    lead: Lead, basis: QueueContext, again: CallAgain, operator: str
) -> dict[str, object]:
    """Columns of a lead that is parked: when due, it waits where its cause places it."""
    situation = replace(lead.situation, parked_for=again.parked_for, parked_by=operator)
    reading = lead.ranking.reading
    ranking = rank_parked(situation, basis.policy, again.at, basis.observed, reading)
    return {
        "parked_until": again.at,
        "parked_for": again.parked_for.value,
        "parked_by": operator,
        "callback_due": True,
        "late_told": False,  # after the return, the client's wait begins again
        **ranking_columns(ranking),
    }
