"""Customers with orders to check, and the reminders that were already sent."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from service.leads.context import CustomerContext
from service.rules.order_deadlines import Reminder
from service.storage.customers.customers import context_of
from service.storage.database import Connection
from service.storage.tables import customers, leads, order_reminders

# It must be the exact expression of the partial index.
HAS_OPEN_ORDERS = text("""context @? '$.orders[*] ? (@.state != "done")'""")


async def lock_unlooked(
    connection: Connection, before: datetime, limit: int
) -> dict[str, CustomerContext]:
    """Customers with orders in work that were not checked since a time, locked."""
    looked_at = customers.c.orders_looked_at
    statement = (
        select(customers.c.external_id, customers.c.context)
        .where(HAS_OPEN_ORDERS, looked_at <= before)
        .order_by(looked_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = (await connection.execute(statement)).mappings()
    return {row["external_id"]: context_of(row["context"]) for row in rows}


async def mark_looked(connection: Connection, customer_ids: Sequence[str], now: datetime) -> None:
    """Record that the orders of customers were checked."""
    existing = customers.c.external_id.in_(customer_ids)
    await connection.execute(update(customers).where(existing).values(orders_looked_at=now))


async def note_reminder(connection: Connection, customer_id: str, reminder: Reminder) -> bool:
    """Record a reminder to the head; False when it was sent before."""
    statement = (
        insert(order_reminders)
        .values(
            customer_id=customer_id,
            number=reminder.order.number,
            type=reminder.type,
            at=reminder.at,
        )
        .on_conflict_do_nothing()
        .returning(order_reminders.c.number)
    )
    return (await connection.execute(statement)).first() is not None


async def queue_of_customer(connection: Connection, customer_id: str) -> str | None:
    """The queue of a customer's newest lead; None when they have none."""
    statement = (
        select(leads.c.queue)
        .where(leads.c.customer_id == customer_id)
        .order_by(leads.c.id.desc())
        .limit(1)
    )
    queue: str | None = await connection.scalar(statement)
    return queue
