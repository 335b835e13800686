"""Show the live clients who wait in an operator's lanes; nothing changes (A7)."""

from collections.abc import Sequence

from service.flows.claims.eligible_lanes import served_by_storage
from service.leads.lead import Lead
from service.resources import Resources
from service.storage.leads.calls import waiting_live


async def view_live(resources: Resources, name: str) -> Sequence[Lead]:
    """Live clients in the order in which this operator would get them."""
    operator = await resources.stores.directory.operator(name)
    served = await served_by_storage(resources, operator)
    async with resources.stores.database.transaction() as connection:
        return await waiting_live(connection, served)
