"""A day before the term of a cashless order ends, ask the head whether its sum stands (B16).

It covers leads that await such a payment; `remind_of_orders` covers the orders on cards. It writes
Postgres only: nothing moves in the line.
"""

from service.resources import Resources
from service.storage.leads import invoices

BATCH = 200


async def ask_of_invoices(resources: Resources) -> None:
    """Write the queue's event once for each invoice whose term ends soon."""
    now = resources.clock.now()
    for queue, basis in (await resources.stores.bases.all()).items():
        until = now + basis.policy.follow_ups.extension_asked
        await invoices.ask_of_invoices(resources.stores.database, queue, now, until, BATCH)
