"""Show the head what was not done in time; nothing changes (B10, B11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.resources import Resources
from service.storage.leads.lateness import Late, list_late

Place = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class LatePage:
    """Late leads at a moment, the latest first."""

    at: datetime
    late: Sequence[Late]


async def view_late(resources: Resources, queue: str, after: Place, limit: int) -> LatePage:
    """Late leads of a queue after a place of an earlier page; raises QueueNotFound."""
    await resources.stores.directory.queue(queue)
    held = (await resources.stores.bases.of(queue)).policy.held_late
    now = resources.clock.now()
    late = await list_late(resources.stores.database, queue, now, held, after, limit)
    return LatePage(now, late)
