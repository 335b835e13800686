"""Renews leases: one statement and one commit for concurrent requests."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from service.batching import Batcher
from service.leads.lead import Lead
from service.leads.unchanging import unchanging
from service.storage.database import Database
from service.storage.json_rows import as_json
from service.storage.rows import lead_of

ROWS = 32

# It is no move, so it has no event. The lease of a talk and its wrap-up may already end later, and
# stays then. A paused lease is not renewed until the call on top ends.
RENEW = """
WITH wanted AS (
    SELECT * FROM json_to_recordset($1::text::json) AS one (
        id uuid, token text, at timestamptz
    )
    ORDER BY id
), free AS MATERIALIZED (
    SELECT found.id, wanted.at,
        wanted.at + lease::float8 * interval '1 second' AS until
    FROM wanted, LATERAL (
        SELECT id, queue, claim_token, paused_since FROM leads
        WHERE leads.id = wanted.id FOR NO KEY UPDATE SKIP LOCKED
    ) AS found JOIN json_each_text($2::text::json) AS leases (queue, lease) USING (queue)
    WHERE found.claim_token = wanted.token AND found.paused_since IS NULL
)
UPDATE leads SET
    version = version + 1, changed_at = free.at, lease_until = greatest(lease_until, free.until)
FROM free WHERE leads.id = free.id
RETURNING leads.*
"""


@unchanging
class Renewal:
    """A heartbeat, with the seconds of a lease in each queue."""

    lead_id: UUID
    token: str
    at: datetime
    leases: Mapping[str, float]


class Renewals:
    """Renews leases."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch: Batcher[Renewal, Lead | None] = Batcher(
            self._renew, name="renewals", size=ROWS, max_in_flight=1
        )

    async def renew(self, wanted: Renewal) -> Lead | None:
        """The lead with its lease started again.

        None when nobody holds it under the token, when it is paused, or when somebody else has
        locked it.
        """
        return await self._batch.submit(wanted)

    async def _renew(self, wanted: Sequence[Renewal]) -> list[Lead | None]:
        last = {(item.lead_id, item.token): item for item in wanted}
        given = as_json([_row(item) for item in last.values()])
        rows = await self._database.fetch(RENEW, given, as_json(wanted[-1].leases))
        renewed = {(row["id"], row["claim_token"]): lead_of(row) for row in rows}
        return [renewed.get((item.lead_id, item.token)) for item in wanted]


def _row(wanted: Renewal) -> dict[str, object]:
    return {"id": str(wanted.lead_id), "token": wanted.token, "at": wanted.at}
