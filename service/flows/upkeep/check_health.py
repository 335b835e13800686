"""Check whether leads can be received and served; nothing changes."""

from service.leads.errors import NextleadError
from service.queue.in_step import in_step
from service.resources import Resources


async def storage_answers(resources: Resources) -> bool:
    """Whether Postgres answers."""
    try:
        await resources.stores.database.now()
    except NextleadError:
        return False
    return True


async def line_serves(resources: Resources) -> bool:
    """Whether claims are served from the line of every queue, and not from Postgres."""
    try:
        queues = await resources.stores.directory.queue_names()
        existing = await in_step(resources.line, queues)
    except NextleadError:
        return False
    since = resources.line.failed_at
    return all(queue in existing and existing[queue].compared_at > since for queue in queues)
