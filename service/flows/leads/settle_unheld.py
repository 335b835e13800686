"""Settle a lead that nobody holds: its client is gone, or was helped elsewhere.

The caller's transaction writes Postgres, with the event; then the caller updates the line.
"""

from datetime import datetime

from service.leads.lead import Lead, State
from service.leads.settlement import Outcome, UnheldOutcome
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import move


async def settle_unheld(
    connection: Connection, lead: Lead, outcome: Outcome | UnheldOutcome, event: LeadEvent
) -> Lead:
    """Settle a locked lead that waits or is parked; it does not count for learning."""
    now: datetime = event.at
    changes = {
        "outcome": outcome.value,
        "reason": event.reason,
        "settled_at": now,
        "settled_by": event.actor,
    }
    return await move(connection, lead, State.SETTLED, event, changes)
