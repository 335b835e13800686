"""What was erased and never comes back unseen: keyed hashes, each with the time of the erasure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from service.storage.database import Connection, Database

# A signal's own id counts whenever it comes; a mark only in what is dated before the erasure.
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


@dataclass(frozen=True, slots=True)
class Hashed:
    """The hash of a mark, and when what has it was written; None: of a signal's own id."""

    digest: bytes
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A hash that is dropped, and up to when it is."""

    digest: bytes
    at: datetime


async def are_buried(database: Database, hashes: Sequence[Hashed]) -> bool:
    """Whether any of the hashes is one of what was erased since."""
    return bool(await database.fetch(FOUND, *_columns(hashes)))


async def count_dropped(database: Database, hashes: Sequence[Hashed], now: datetime) -> None:
    """Count what was dropped, once, however many of its hashes said so."""
    await database.fetch(COUNT, *_columns(hashes), now)


async def bury(connection: Connection, digests: Iterable[bytes], at: datetime) -> None:
    """Let what has any of the hashes be dropped from now on."""
    await connection.execute(BURY, {"digests": sorted({*digests}), "at": at})


async def tombstones_after(database: Database, digest: bytes, limit: int) -> list[Tombstone]:
    """Tombstones in the order of their hashes, those after one."""
    rows = await database.fetch(PAGE, digest, limit)
    return [Tombstone(row["digest"], row["at"]) for row in rows]


def _columns(hashes: Sequence[Hashed]) -> tuple[list[bytes], list[datetime | None]]:
    return [item.digest for item in hashes], [item.at for item in hashes]
