"""Messages that were deleted before they came, and orders that were over; they open no lead."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from service.storage.database import Connection, Database
from service.storage.senders.delivery_tables import deleted_messages

DELETED = "SELECT FROM deleted_messages WHERE source = $1 AND message = $2"
OVER = DELETED + " AND at >= $3"


async def note_deletion(connection: Connection, source: str, message: str, at: datetime) -> None:
    """Record that a message of a source is deleted."""
    values = {"source": source, "message": message, "at": at}
    await connection.execute(insert(deleted_messages).values(values).on_conflict_do_nothing())


async def is_deleted(database: Database, source: str, message: str) -> bool:
    """Whether a message was reported as deleted before it came."""
    return bool(await database.fetch(DELETED, source, message))


async def note_over(connection: Connection, source: str, order: str, at: datetime) -> None:
    """Record since when an order of a source is over; the latest moment counts."""
    spec = insert(deleted_messages).values(source=source, message=_over(order), at=at)
    latest = func.greatest(deleted_messages.c.at, spec.excluded.at)
    await connection.execute(
        spec.on_conflict_do_update(
            index_elements=[deleted_messages.c.source, deleted_messages.c.message],
            set_={"at": latest},
        )
    )


async def is_over(database: Database, source: str, order: str, at: datetime) -> bool:
    """Whether an order, as it was at a moment, is over since then."""
    return bool(await database.fetch(OVER, source, _over(order), at))


def _over(order: str) -> str:
    """The name of an order that is over: a digest, which leads to no client."""
    return f"over:{sha256(order.encode()).hexdigest()}"


async def forget_deletions(connection: Connection, before: datetime, limit: int) -> None:
    """Delete some records of deletions from before a time."""
    columns = (deleted_messages.c.source, deleted_messages.c.message)
    old = select(*columns).where(deleted_messages.c.at < before).limit(limit)
    await connection.execute(delete(deleted_messages).where(tuple_(*columns).in_(old)))
