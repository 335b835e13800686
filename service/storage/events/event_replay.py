"""Deliveries: listing, replaying and deleting them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select, text

from service.leads.errors import DeliveryNotFound
from service.leads.outgoing_event import event_id
from service.storage.database import Connection, Database
from service.storage.events.event_deliveries import give_turns
from service.storage.events.subscription_tables import event_deliveries

State = Literal["pending", "delivered", "dead"]

# The same lock as at an end, so that two processes never give turns for one lead together.
LOCK = text("SELECT name FROM subscriptions WHERE name = :subscription FOR NO KEY UPDATE")
REPLAY = """
UPDATE event_deliveries SET
    state = 'pending', attempts = 0, first_tried_at = NULL, next_try_at = NULL, ended_at = NULL
WHERE id IN (
    SELECT id FROM event_deliveries
    WHERE subscription = :subscription AND state <> 'pending' AND {which}
    ORDER BY id LIMIT :most
)
RETURNING about
"""
REPLAY_ONE = text(REPLAY.format(which="id = :id"))
REPLAY_DEAD = text(REPLAY.format(which="state = 'dead'"))
FORGET = """
DELETE FROM event_deliveries WHERE id IN (
    SELECT id FROM event_deliveries WHERE state = $1 AND ended_at < $2
    ORDER BY ended_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class EventDelivery:
    """The delivery of one event to one subscription; `about` is its lead or queue."""

    id: int
    event: str
    type: str
    log: str
    about: str
    state: State
    attempts: int
    created_at: datetime
    last_tried_at: datetime | None
    next_try_at: datetime | None
    last_status: int | None
    last_error: str | None
    ended_at: datetime | None


async def list_deliveries(
    connection: Connection, subscription: str, state: State, *, before: int, limit: int
) -> list[EventDelivery]:
    """Deliveries in a state, the newest first; `before` continues after an earlier page."""
    of = event_deliveries.c
    statement = (
        select(event_deliveries)
        .where(of.subscription == subscription, of.state == state, of.id < before)
        .order_by(of.id.desc())
        .limit(limit)
    )
    return [_delivery_of(row) for row in (await connection.execute(statement)).mappings()]


async def find_delivery(connection: Connection, subscription: str, number: int) -> EventDelivery:
    """A delivery of a subscription; raises DeliveryNotFound."""
    of = event_deliveries.c
    statement = select(event_deliveries).where(of.subscription == subscription, of.id == number)
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        raise DeliveryNotFound(f"`{subscription}` has no delivery {number}.")
    return _delivery_of(row)


async def replay_one(connection: Connection, subscription: str, number: int, now: datetime) -> int:
    """Send an ended delivery again as if for the first time; returns how many (0 or 1)."""
    return await _replay(connection, subscription, REPLAY_ONE, {"id": number, "most": 1}, now)


async def replay_dead(connection: Connection, subscription: str, limit: int, now: datetime) -> int:
    """Send dead deliveries again, the oldest first; returns how many."""
    return await _replay(connection, subscription, REPLAY_DEAD, {"most": limit}, now)


async def _replay(
    connection: Connection, subscription: str, statement: Any, which: dict[str, Any], now: datetime
) -> int:
    await connection.execute(LOCK, {"subscription": subscription})
    found = list(await connection.scalars(statement, {"subscription": subscription, **which}))
    await give_turns(connection, subscription, found, now)
    return len(found)


async def forget_ended(database: Database, state: State, before: datetime, limit: int) -> int:
    """Delete deliveries that ended before a time, the oldest first; returns how many."""
    return len(await database.fetch(FORGET, state, before, limit))


def _delivery_of(row: Mapping[Any, Any]) -> EventDelivery:
    spec = {name: row[name] for name in EventDelivery.__dataclass_fields__ if name != "event"}
    return EventDelivery(event=event_id(row["log"], row["event_id"]), **spec)
