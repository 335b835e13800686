"""Stores deliveries of senders: one statement and one commit for concurrent requests."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.batching import Batcher
from service.leads.errors import NextleadError, SourceNotFound, StorageFailed
from service.storage.database import Database

ROWS = 32
HEARD_AT_ONCE = 4
OF_A_SOURCE = "deliveries_source_fkey"

# Sorted, so that two batches with the same deliveries wait for each other without a deadlock.
INSERT = """
INSERT INTO deliveries (id, source, received_at, next_try_at, request, size, once, traceparent)
SELECT id, source, received_at, received_at, request, size, once, traceparent
FROM unnest(
    $1::uuid[], $2::text[], $3::timestamptz[], $4::bytea[], $5::int[], $6::bytea[], $7::text[]
) AS sent (id, source, received_at, request, size, once, traceparent)
ORDER BY source, once, id
ON CONFLICT (source, once) WHERE once IS NOT NULL DO NOTHING
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivery from a proven sender: the sealed request, and its body's `size` in bytes.

    `once` is the digest of the sender's own id for it.
    """

    id: UUID
    source: str
    received_at: datetime
    request: bytes
    size: int
    once: bytes | None = None
    traceparent: str | None = None


class Inbox:
    """Stores deliveries; `news` is set when there is something to read.

    `hearing` limits how many are handled at the same time in this process, so that connections stay
    free for operators' requests.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch: Batcher[Arrived, bool] = Batcher(self._carry, name="deliveries", size=ROWS)
        self.news = asyncio.Event()
        self.hearing = asyncio.Semaphore(HEARD_AT_ONCE)

    async def add(self, arrived: Arrived) -> bool:
        """Commit a delivery; False when one with its id is already stored.

        Raises SourceNotFound when its source was deleted meanwhile.
        """
        added = await self._batch.submit(arrived)
        self.news.set()
        return added

    async def _carry(self, arrived: Sequence[Arrived]) -> Sequence[bool | Exception]:
        """If a batch fails because of one delivery, each is tried alone, so the others succeed."""
        try:
            return await self._insert(arrived)
        except StorageFailed as error:
            if len(arrived) == 1:
                return [_meant(error)]
            return [(await self._carry([item]))[0] for item in arrived]

    async def _insert(self, arrived: Sequence[Arrived]) -> list[bool]:
        columns = ("id", "source", "received_at", "request", "size", "once", "traceparent")
        values = [[getattr(item, column) for item in arrived] for column in columns]
        added = {row["id"] for row in await self._database.fetch(INSERT, *values)}
        return [item.id in added for item in arrived]


def _meant(error: StorageFailed) -> NextleadError:
    return SourceNotFound() if error.constraint == OF_A_SOURCE else error
