"""The history of leads: events are appended and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, insert, select

from service.leads.lead import State
from service.storage.database import Connection
from service.storage.tables import lead_events
from service.tracing.spans import traceparent


@dataclass(frozen=True, slots=True)
class LeadEvent:
    """What an actor (an operator, a key's name, or `nextlead`) did to a lead."""

    type: str
    at: datetime
    actor: str
    reason: str | None = None
    details: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A stored event."""

    id: int
    event: LeadEvent
    state_before: State | None
    state_after: State


async def append(
    connection: Connection, lead_id: UUID, event: LeadEvent, *, before: State | None, after: State
) -> None:
    """Store an event in the transaction of the move that it records."""
    await connection.execute(
        insert(lead_events).values(
            lead_id=lead_id,
            at=event.at,
            type=event.type,
            actor=event.actor,
            reason=event.reason,
            state_before=before.value if before else None,
            state_after=after.value,
            details=event.details,
            traceparent=traceparent(),
        )
    )


async def happened(connection: Connection, lead_id: UUID, kind: str) -> bool:
    """Whether a lead has an event of a type."""
    events = select(lead_events.c.id).where(
        lead_events.c.lead_id == lead_id, lead_events.c.type == kind
    )
    return bool(await connection.scalar(select(exists(events))))


async def events_of(
    connection: Connection, lead_id: UUID, *, after: int, limit: int
) -> list[Record]:
    """A lead's events, the oldest first; `after` is the last id of an earlier page."""
    statement = (
        select(lead_events)
        .where(lead_events.c.lead_id == lead_id, lead_events.c.id > after)
        .order_by(lead_events.c.id)
        .limit(limit)
    )
    rows = (await connection.execute(statement)).mappings()
    return [
        Record(
            id=row["id"],
            event=LeadEvent(row["type"], row["at"], row["actor"], row["reason"], row["details"]),
            state_before=State(row["state_before"]) if row["state_before"] else None,
            state_after=State(row["state_after"]),
        )
        for row in rows
    ]
