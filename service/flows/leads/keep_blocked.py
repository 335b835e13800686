"""A signal from a blocked mark is stored and offered to nobody.

One transaction writes Postgres only: the lead is never visible as waiting.
"""

from service.flows.leads.settle_unheld import settle_unheld
from service.leads.errors import StorageFailed
from service.leads.lead import Lead
from service.leads.settlement import Outcome
from service.resources import Resources
from service.storage.leads.duplicates import ONE_SIGNAL, find_duplicate
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import add_marks
from service.storage.leads.intake import Arrival
from service.storage.leads.leads import add

BLOCKED = "blocked"


async def keep_blocked(resources: Resources, arrival: Arrival, mark: str) -> Lead | None:
    """Store the lead of a blocked client as settled; None when the signal is already known."""
    if await find_duplicate(resources.stores.database, arrival.lead.signal, arrival.sender):
        return None
    try:
        return await _keep(resources, arrival, mark)
    except StorageFailed as error:
        if error.constraint in ONE_SIGNAL:  # the same signal came at the same moment
            return None
        raise


async def _keep(resources: Resources, arrival: Arrival, mark: str) -> Lead:
    lead, sender, now = arrival.lead, arrival.sender, resources.clock.now()
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
