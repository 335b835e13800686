"""What people did in a queue, in one list: decisions about leads, policies, sign-ins."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from service.leads.unchanging import unchanging
from service.storage.database import Database
from service.storage.tables import DECIDED

# The newest of each sort, then the newest of all: no sort is read further than needed.
DECISIONS = f"""
SELECT at, person, type, reason, lead FROM (
    (SELECT lead_events.at, actor AS person, lead_events.type, lead_events.reason,
        lead_events.lead_id AS lead
    FROM lead_events JOIN leads ON leads.id = lead_events.lead_id
    WHERE lead_events.{DECIDED} AND leads.queue = $1 AND lead_events.at < $2
        AND actor <> 'nextlead'
    ORDER BY lead_events.at DESC LIMIT $3)
    UNION ALL (SELECT at, author, 'policy.changed', concat_ws(' · ', version::text, note), NULL
    FROM policies WHERE queue = $1 AND at < $2 AND author <> 'nextlead'
    ORDER BY at DESC LIMIT $3)
    UNION ALL (SELECT at, actor, type, NULL, NULL FROM queue_events
    WHERE queue = $1 AND at < $2 AND actor <> 'nextlead' ORDER BY at DESC LIMIT $3)
    UNION ALL (SELECT created_at, person, 'person.signed_in', operator, NULL FROM sessions
    WHERE created_at < $2 AND NOT EXISTS (
        SELECT FROM operators WHERE name = sessions.operator AND $1 <> ALL (queues)
    ) ORDER BY created_at DESC LIMIT $3)
) AS done
ORDER BY at DESC LIMIT $3
"""


@unchanging
class DecisionMade:
    """Who did what, when and why, and to which lead."""

    at: datetime
    person: str
    type: str
    reason: str | None
    lead: UUID | None


async def list_decisions(
    database: Database, queue: str, before: datetime, limit: int
) -> Sequence[DecisionMade]:
    """The decisions before a time, the newest first.

    Sign-ins of operators whose queues are others are left out.
    """
    rows = await database.fetch(DECISIONS, queue, before, limit)
    return [DecisionMade(**dict(row)) for row in rows]
