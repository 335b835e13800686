"""Claims whose lease ends soon, to warn their holders."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.storage.database import Database

MOST = 1000
ENDING = """
SELECT id, queue, claimed_by, lease_until FROM leads
WHERE lease_until <= $1 AND state = 'claimed' AND paused_since IS NULL AND queue = ANY($2)
ORDER BY lease_until LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class EndingLease:
    """A claim and the end of its lease without a heartbeat."""

    lead_id: UUID
    queue: str
    operator: str
    lease_until: datetime


async def leases_ending(
    database: Database, until: datetime, queues: list[str]
) -> list[EndingLease]:
    """Claims in some queues whose lease ends by a time, the earliest first."""
    rows = await database.fetch(ENDING, until, queues, MOST)
    return [EndingLease(*row) for row in rows]
