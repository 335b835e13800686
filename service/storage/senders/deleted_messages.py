"""Messages whose deletion was reported before they came; they open no lead."""

from datetime import datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from service.storage.database import Connection, Database
from service.storage.senders.delivery_tables import deleted_messages

DELETED = "SELECT FROM deleted_messages WHERE source = $1 AND message = $2"


async def note_deletion(connection: Connection, source: str, message: str, at: datetime) -> None:
    """Record that a message of a source is deleted."""
    values = {"source": source, "message": message, "at": at}
    await connection.execute(insert(deleted_messages).values(values).on_conflict_do_nothing())


async def is_deleted(database: Database, source: str, message: str) -> bool:
    """Whether a message was reported as deleted before it came."""
    return bool(await database.fetch(DELETED, source, message))


async def forget_deletions(connection: Connection, before: datetime, limit: int) -> None:
    """Delete some records of deletions from before a time."""
    columns = (deleted_messages.c.source, deleted_messages.c.message)
    old = select(*columns).where(deleted_messages.c.at < before).limit(limit)
    await connection.execute(delete(deleted_messages).where(tuple_(*columns).in_(old)))
