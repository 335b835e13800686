"""Show a supervisor what people decided about a queue; nothing changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.resources import Resources
from service.storage.queues.decisions import DecisionMade, list_decisions

MAX_DECISIONS = 100
JUST_NOW = timedelta(seconds=1)


async def view_decisions(
    resources: Resources, queue: str, before: datetime | None = None
) -> Sequence[DecisionMade]:
    """Pins, policies, sign-ins and the like, the newest 100; raises QueueNotFound."""
    await resources.stores.directory.queue(queue)
    end = before or resources.clock.now() + JUST_NOW
    return await list_decisions(resources.stores.database, queue, end, MAX_DECISIONS)
