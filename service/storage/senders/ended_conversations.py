"""Which clients left which conversation, and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from service.storage.database import Connection, Database
from service.storage.leads.signal_tables import departures

DEPARTURES = "SELECT identity, at FROM departures WHERE source = $1 AND identity = ANY($2::text[])"


async def note_departure(connection: Connection, source: str, identity: str, at: datetime) -> None:
    """Record that a client left; the latest time counts."""
    spec = insert(departures).values(source=source, identity=identity, at=at)
    latest = {"at": func.greatest(departures.c.at, spec.excluded.at)}
    keys = [departures.c.source, departures.c.identity]
    await connection.execute(spec.on_conflict_do_update(index_elements=keys, set_=latest))


async def departures_of(
    database: Database, source: str, identities: Sequence[str]
) -> Mapping[str, datetime]:
    """When a client left, by identity; each message of a client asks this."""
    rows = await database.fetch(DEPARTURES, source, identities)
    return {row["identity"]: row["at"] for row in rows}


async def forget_departures(connection: Connection, before: datetime, limit: int) -> None:
    """Delete some records of clients who left before a time."""
    columns = (departures.c.source, departures.c.identity)
    old = select(*columns).where(departures.c.at < before).limit(limit)
    await connection.execute(delete(departures).where(tuple_(*columns).in_(old)))
