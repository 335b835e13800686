"""When our own side answered a client, and which sources report such answers."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from service.metrics.families import FIRST_ANSWER
from service.storage.database import Connection, Database

# The version stays, because nothing changes in the line. An answer from before the client's first
# message does not count, and repeated answers change nothing until the client writes again.
ANSWERED = """
UPDATE leads SET
    first_answer_at = least(coalesce(first_answer_at, $2), $2),
    own_answer_at = greatest(coalesce(own_answer_at, $2), $2)
WHERE id = ANY($1::uuid[]) AND received_at <= $2
    AND (own_answer_at IS NULL OR own_answer_at < $2)
RETURNING id, kind, received_at, first_answer_at
"""

OF_SOURCE = """
UPDATE sources SET own_answer_at = $2::timestamptz
WHERE name = $1 AND (own_answer_at IS NULL OR own_answer_at < $2::timestamptz - interval '1 minute')
"""


async def note_answer(database: Database, leads: Collection[UUID], at: datetime) -> list[UUID]:
    """Record that our side answered the clients of leads; returns those that changed."""
    rows = await database.fetch(ANSWERED, list(leads), at)
    for row in rows:
        if row["first_answer_at"] == at:
            FIRST_ANSWER.observe((at - row["received_at"]).total_seconds(), row["kind"])
    return [row["id"] for row in rows]


async def note_answering_source(database: Database, source: str, now: datetime) -> None:
    """Record that a source reports our own answers, at most once a minute."""
    await database.fetch(OF_SOURCE, source, now)


async def note_sign(connection: Connection, lead_id: UUID, at: datetime) -> None:
    """Record that the holder of a lead works on it."""
    statement = text("UPDATE leads SET sign_at = :at WHERE id = :id AND state = 'claimed'")
    await connection.execute(statement, {"at": at, "id": lead_id})
