"""A call task comes as a lead; an operator may have only so many open ones (rule B14).

The count and the new lead share one lock of the operator, so that two tasks at once are counted.
"""

from service.leads.errors import TaskLimit
from service.resources import Resources
from service.storage.leads.duplicates import find_duplicate
from service.storage.leads.intake import Added, Arrival
from service.storage.leads.tasks import count_open_tasks


async def add_task(resources: Resources, arrival: Arrival, limit: int) -> Added | None:
    """Commit a call task; None when it is already known. Raises TaskLimit."""
    task, stores = arrival.lead.signal.task, resources.stores
    assert task is not None, "only call tasks come here"
    async with stores.database.transaction() as connection:
        count = await count_open_tasks(connection, task.operator)
        signal, sender = arrival.lead.signal, arrival.sender
        if count >= limit and await find_duplicate(stores.database, signal, sender) is None:
            raise TaskLimit(
                f"{task.operator} has {count} open call tasks, and may have {limit}. Close or"
                " withdraw some, wait until some expire, or name another operator."
            )
        return await stores.intake.add(arrival)
