"""Show how an operator spent a shift, by the presence they reported; nothing changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.leads.operator import Presence
from service.resources import Resources
from service.storage.operators.presence_changes import PresenceChange, list_presence_changes

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ShiftPart:
    """A span with one presence: on shift, on a break for a reason, or off shift."""

    begins: datetime
    ends: datetime
    status: Presence
    reason: str | None = None

    @property
    def minutes(self) -> float:
        """The length of the span."""
        return (self.ends - self.begins) / timedelta(minutes=1)


async def view_shift(resources: Resources, name: str) -> Sequence[ShiftPart]:
    """Return the last 24 hours of an operator, oldest first; raises OperatorNotFound.

    An operator who falls silent keeps the presence that they reported last.
    """
    await resources.stores.directory.operator(name)
    now = resources.clock.now()
    since = now - DAY
    async with resources.stores.database.transaction() as connection:
        changes = await list_presence_changes(connection, name, since)
    ends = [change.at for change in [*changes[1:], PresenceChange(now, Presence.OFFLINE)]]
    spans = [
        ShiftPart(max(since, change.at), end, change.status, change.reason)
        for change, end in zip(changes, ends, strict=False)
    ]
    return [span for span in spans if span.ends > span.begins]
