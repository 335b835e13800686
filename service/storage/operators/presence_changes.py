"""The status changes of operators, kept for 92 days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from service.leads.operator import Presence
from service.storage.database import Connection
from service.storage.session_tables import presence_changes

KEPT = timedelta(days=92)
MOST = 2000


@dataclass(frozen=True, slots=True)
class PresenceChange:
    """A status from a time on, with the reason of a break."""

    at: datetime
    status: Presence
    reason: str | None = None


async def add_presence_change(
    connection: Connection, operator: str, change: PresenceChange
) -> None:
    """Store a change, and delete the operator's changes that are too old."""
    columns = {"operator": operator, "at": change.at, "status": change.status.value}
    await connection.execute(insert(presence_changes).values({**columns, "reason": change.reason}))
    too_old = presence_changes.c.at < change.at - KEPT
    await connection.execute(
        delete(presence_changes).where(presence_changes.c.operator == operator, too_old)
    )


async def list_presence_changes(
    connection: Connection, operator: str, since: datetime
) -> Sequence[PresenceChange]:
    """Changes after a time and the last one before it, the oldest first; at most 2 000."""
    own = presence_changes.c.operator == operator
    columns = (presence_changes.c.at, presence_changes.c.status, presence_changes.c.reason)
    newest = presence_changes.c.at.desc(), presence_changes.c.id.desc()
    before = select(*columns).where(own, presence_changes.c.at <= since).order_by(*newest).limit(1)
    after = select(*columns).where(own, presence_changes.c.at > since).order_by(*newest).limit(MOST)
    rows = [*await connection.execute(after), *await connection.execute(before)]
    return [PresenceChange(row.at, Presence(row.status), row.reason) for row in reversed(rows)]
