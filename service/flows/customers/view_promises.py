"""Show an operator which clients they promised to call; nothing changes (A22)."""

from collections.abc import Sequence

from service.leads.lead import Lead
from service.resources import Resources
from service.storage.leads.promises import list_promises

MAX_PROMISES = 50


async def view_promises(resources: Resources, operator: str) -> Sequence[Lead]:
    """The leads that an operator parked, the next due first."""
    return await list_promises(resources.stores.database, operator, MAX_PROMISES)
