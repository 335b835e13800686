"""Call tasks past their end are settled as `expired` (rule B14)."""

from service.flows.line.show_in_line import show_all_in_line
from service.resources import Resources
from service.storage.leads.tasks import expire_tasks

BATCH = 500
MAX_BATCHES = 40


async def expire_overdue_tasks(resources: Resources) -> None:
    """Settle overdue tasks, at most some thousands; a task that is held is left to its holder."""
    for _ in range(MAX_BATCHES):
        expired = await expire_tasks(resources.stores.database, resources.clock.now(), BATCH)
        await show_all_in_line(resources, expired)
        if len(expired) < BATCH:
            return
