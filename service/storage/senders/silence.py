"""How often a source delivers: its pauses, and since when it is silent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text, update

from service.storage.database import Connection
from service.storage.senders.delivery_tables import sources

PAUSES = text(
    "SELECT source, count(*) OVER (PARTITION BY source) AS deliveries, before, at FROM ("
    " SELECT source, received_at AS at, lag(received_at) OVER"
    " (PARTITION BY source ORDER BY received_at) AS before FROM deliveries"
    " WHERE source = ANY(:names) AND received_at >= :since"
    ") AS each_delivery ORDER BY at - before DESC NULLS LAST LIMIT :most"
)
MAX_PAUSES = 50_000


@dataclass(slots=True)
class Rhythm:
    """The deliveries of a source in some days, and the longest pauses between them."""

    deliveries: int = 0
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)


async def rhythms_of(
    connection: Connection, names: Sequence[str], since: datetime
) -> Mapping[str, Rhythm]:
    """The rhythm of each source since a time."""
    found: dict[str, Rhythm] = {}
    values = {"names": list(names), "since": since, "most": MAX_PAUSES}
    for row in (await connection.execute(PAUSES, values)).mappings():
        rhythm = found.setdefault(row["source"], Rhythm(row["deliveries"]))
        if row["before"] is not None:
            rhythm.pauses.append((row["before"], row["at"]))
    return found


async def store_silence(
    connection: Connection, name: str, since: datetime | None, *, before: datetime | None
) -> bool:
    """Record since when a source is silent; False when another process did it meanwhile."""
    same = sources.c.silent_since.is_not_distinct_from(before)
    changed = await connection.execute(
        update(sources)
        .where(sources.c.name == name, same)
        .values(silent_since=since)
        .returning(sources.c.name)
    )
    return changed.first() is not None
