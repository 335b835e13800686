"""Who left which conversation, and when."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from service.storage.database import Connection
from service.storage.signal_tables import departures


async def note_departure(connection: Connection, source: str, identity: str, at: datetime) -> None:
    """Write down that a client left; the latest time counts."""
    said = insert(departures).values(source=source, identity=identity, at=at)
    latest = {"at": func.greatest(departures.c.at, said.excluded.at)}
    keys = [departures.c.source, departures.c.identity]
    await connection.execute(said.on_conflict_do_update(index_elements=keys, set_=latest))


async def last_departure(
    connection: Connection, source: str, identities: Collection[str]
) -> datetime | None:
    """When a client left last, by any of his identities."""
    statement = select(func.max(departures.c.at)).where(
        departures.c.source == source, departures.c.identity.in_(identities)
    )
    moment: datetime | None = await connection.scalar(statement)
    return moment


async def forget_departures(connection: Connection, before: datetime, most: int) -> None:
    """Forget who left before a moment."""
    columns = (departures.c.source, departures.c.identity)
    old = select(*columns).where(departures.c.at < before).limit(most)
    await connection.execute(delete(departures).where(tuple_(*columns).in_(old)))
