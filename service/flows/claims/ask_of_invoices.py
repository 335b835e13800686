"""A day before a cashless order's term ends the head is asked whether its sum stands (B16).

Of the leads that wait for such a payment; `remind_of_orders` asks of the orders on cards. Postgres
only: nothing moves in the line.
"""

from service.resources import Resources
from service.storage.leads import invoices

BATCH = 200


async def ask_of_invoices(resources: Resources) -> None:
    """Leave the queue's event for each invoice whose term ends soon, once."""
    now = resources.clock.now()
    for queue, basis in (await resources.stores.bases.all()).items():
        until = now + basis.policy.follow_ups.extension_asked
        await invoices.ask_of_invoices(resources.stores.database, queue, now, until, BATCH)
