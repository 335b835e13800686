"""The columns of a held lead that goes back in line or is parked: its routing and its place."""

from dataclasses import replace
from datetime import datetime

from service.leads.lead import Lead
from service.leads.routing import Routing
from service.ranking.rank import stand
from service.ranking.reranking import stand_parked
from service.rules.call_again import CallAgain
from service.storage.policies.queue_context import Basis
from service.storage.rows import routing_columns, standing_columns


def place_in_line(lead: Lead, routing: Routing, basis: Basis, now: datetime) -> dict[str, object]:
    """For a lead that is led to others from now on; its age stays."""
    situation = replace(lead.situation, routing=routing)
    standing = stand(situation, basis.policy, now, basis.observed)
    return {**routing_columns(routing), **standing_columns(standing)}


def place_when_due(lead: Lead, basis: Basis, again: CallAgain, operator: str) -> dict[str, object]:
    """For a lead that an operator parks: it comes back by itself, as a callback that is due."""
    standing = stand_parked(lead.situation, basis.policy, again.at, basis.observed)
    return {
        "parked_until": again.at,
        "parked_for": again.parked_for.value,
        "parked_by": operator,
        "callback_due": True,
        **standing_columns(standing),
    }
