"""Tombstones of erased data: keyed hashes with the time of the erasure; a repeat is dropped."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import text

from service.leads.unchanging import unchanging
from service.storage.database import Connection, Database

# A signal's own id is always dropped; a mark only in signals from before the erasure.
FOUND = """
SELECT tombstones.digest FROM unnest($1::bytea[], $2::timestamptz[]) AS hashed (digest, at)
JOIN tombstones USING (digest)
WHERE hashed.at IS NULL OR tombstones.at >= hashed.at
"""
COUNT = """
UPDATE tombstones SET dropped = dropped + 1, last_dropped_at = $3
WHERE digest = (
    SELECT tombstones.digest FROM unnest($1::bytea[], $2::timestamptz[]) AS hashed (digest, at)
    JOIN tombstones USING (digest)
    WHERE hashed.at IS NULL OR tombstones.at >= hashed.at
    ORDER BY digest LIMIT 1
)
"""
BURY = text("""
INSERT INTO tombstones (digest, at)
SELECT digest, :at FROM unnest(CAST(:digests AS bytea[])) AS wanted (digest) ORDER BY digest
ON CONFLICT (digest) DO UPDATE SET at = greatest(tombstones.at, excluded.at)
""")
PAGE = "SELECT digest, at FROM tombstones WHERE digest > $1 ORDER BY digest LIMIT $2"


@unchanging
class Hashed:
    """The hash of a mark with the time of its signal, or of a signal's own id without a time."""

    digest: bytes
    at: datetime | None


@unchanging
class Tombstone:
    """A hash whose signals up to a time are dropped."""

    digest: bytes
    at: datetime


async def are_buried(database: Database, hashes: Sequence[Hashed]) -> bool:
    """Whether any of the hashes belongs to erased data."""
    return bool(await database.fetch(FOUND, *_columns(hashes)))


async def count_dropped(database: Database, hashes: Sequence[Hashed], now: datetime) -> None:
    """Count one dropped signal, however many of its hashes matched."""
    await database.fetch(COUNT, *_columns(hashes), now)


async def bury(connection: Connection, digests: Iterable[bytes], at: datetime) -> None:
    """Drop signals with any of these hashes from now on."""
    await connection.execute(BURY, {"digests": sorted({*digests}), "at": at})


async def tombstones_after(database: Database, digest: bytes, limit: int) -> list[Tombstone]:
    """Tombstones after one, in the order of their hashes."""
    rows = await database.fetch(PAGE, digest, limit)
    return [Tombstone(row["digest"], row["at"]) for row in rows]


def _columns(hashes: Sequence[Hashed]) -> tuple[list[bytes], list[datetime | None]]:
    return [item.digest for item in hashes], [item.at for item in hashes]
