"""The open leads for one decision of a supervisor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.leads.lead import Channel, Kind, Lead, State
from service.slices import in_slices
from service.storage.database import Database
from service.storage.rows import lead_of

# One queue, or ids: an index finds the open leads of either.
LEADS = """
SELECT * FROM leads
WHERE state IN ('waiting', 'claimed', 'parked')
    AND ($1::text IS NULL OR queue = $1)
    AND ($2::uuid[] IS NULL OR id = ANY($2::uuid[]))
    AND ($3::text IS NULL OR state = $3)
    AND ($4::text IS NULL OR kind = $4)
    AND ($5::text IS NULL OR channel = $5)
    AND ($6::text IS NULL OR $6 IN (claimed_by, assigned_to, owner, task_operator))
    AND ($7::text IS NULL OR customer_id = $7)
    AND ($8::timestamptz IS NULL OR received_at >= $8)
    AND ($9::timestamptz IS NULL OR received_at < $9)
ORDER BY id LIMIT $10
"""


@dataclass(frozen=True, slots=True)
class BulkFilter:
    """A filter of open leads; None matches all. `operator` holds, owns or is to call them."""

    queue: str | None = None
    ids: Sequence[UUID] | None = None
    state: State | None = None
    kind: Kind | None = None
    channel: Channel | None = None
    operator: str | None = None
    customer: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def leads_of(database: Database, wanted: BulkFilter, limit: int) -> list[Lead]:
    """The open leads of a filter, the oldest first."""
    ids = None if wanted.ids is None else list(wanted.ids)
    rest = (wanted.operator, wanted.customer, wanted.since, wanted.until)
    asked = (wanted.queue, ids, wanted.state, wanted.kind, wanted.channel, *rest)
    return await in_slices(lead_of, await database.fetch(LEADS, *asked, limit))
