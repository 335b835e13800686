"""The events of queues; they are appended and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from service.storage.database import Connection
from service.storage.rows import Row
from service.storage.tables import queue_events, queues
from service.tracing.spans import traceparent


@dataclass(frozen=True, slots=True)
class QueueEvent:
    """What an actor (a key's name, or `nextlead`) did to a queue or noticed in it."""

    queue: str
    type: str
    at: datetime
    actor: str
    details: Mapping[str, Any] | None = None
    id: int = 0


async def append_queue_event(connection: Connection, event: QueueEvent) -> None:
    """Store an event; the database gives its id."""
    values = {name: getattr(event, name) for name in ("queue", "type", "at", "actor", "details")}
    values["traceparent"] = traceparent()
    await connection.execute(insert(queue_events).values(values))


async def lock_queue(connection: Connection, queue: str) -> None:
    """Prevent other events of this queue until the transaction ends.

    New leads can still refer to the queue; the lock is weak enough for that.
    """
    locked = select(queues.c.name).where(queues.c.name == queue).with_for_update(key_share=True)
    await connection.execute(locked)


async def last_queue_event(connection: Connection, queue: str, kind: str) -> QueueEvent | None:
    """The newest event of a type."""
    statement = (
        select(queue_events)
        .where(queue_events.c.queue == queue, queue_events.c.type == kind)
        .order_by(queue_events.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else _event_of(row)


async def last_queue_events(
    connection: Connection, queue: str, kind: str, since: datetime
) -> list[QueueEvent]:
    """The newest events of a type after a time; at most 100."""
    statement = (
        select(queue_events)
        .where(queue_events.c.queue == queue, queue_events.c.type == kind)
        .where(queue_events.c.at > since)
        .order_by(queue_events.c.id.desc())
        .limit(100)
    )
    return [_event_of(row) for row in (await connection.execute(statement)).mappings()]


async def list_queue_events(
    connection: Connection, queue: str, *, after: int, limit: int
) -> list[QueueEvent]:
    """A queue's events, the oldest first; `after` is the last id of an earlier page."""
    statement = (
        select(queue_events)
        .where(queue_events.c.queue == queue, queue_events.c.id > after)
        .order_by(queue_events.c.id)
        .limit(limit)
    )
    return [_event_of(row) for row in (await connection.execute(statement)).mappings()]


def _event_of(row: Row) -> QueueEvent:
    return QueueEvent(row["queue"], row["type"], row["at"], row["actor"], row["details"], row["id"])
