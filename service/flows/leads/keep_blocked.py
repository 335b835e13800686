"""A signal from a blocked mark is stored and offered to nobody.

One transaction writes Postgres only: the lead is never visible as waiting.
"""

from service.flows.leads.settle_unheld import settle_unheld
from service.leads.lead import Lead
from service.leads.settlement import Outcome
from service.resources import Resources
from service.storage.leads.duplicates import find_duplicate
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import add_marks
from service.storage.leads.intake import Arrival
from service.storage.leads.leads import add

BLOCKED = "blocked"


async def keep_blocked(resources: Resources, arrival: Arrival, mark: str) -> Lead | None:
    """Store the lead of a blocked client as settled; None when the signal is already known."""
    lead, sender, now = arrival.lead, arrival.sender, resources.clock.now()
    if await find_duplicate(resources.stores.database, lead.signal, sender) is not None:
        return None
    async with resources.stores.database.transaction() as connection:
        key = {
            "idempotency_key": sender.idempotency_key,
            "request_digest": sender.request_digest,
        }
        await add(connection, lead, LeadEvent("lead.received", now, sender.name), key)
        details = {"outcome": Outcome.CANCELLED.value, "mark": mark.partition(":")[0]}
        event = LeadEvent("lead.settled", now, sender.name, BLOCKED, details)
        settled = await settle_unheld(connection, lead, Outcome.CANCELLED, event)
        await add_marks(connection, settled, arrival.marks)
    return settled
