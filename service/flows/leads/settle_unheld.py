"""A lead that nobody holds is over by itself: its client is gone, or was helped elsewhere.

Postgres first, with the event; then the line.
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
    """Settle a locked lead that waits or is parked; no chance is learnt from it."""
    now: datetime = event.at
    changes = {
        "outcome": outcome.value,
        "reason": event.reason,
        "settled_at": now,
        "settled_by": event.actor,
    }
    return await move(connection, lead, State.SETTLED, event, changes)
