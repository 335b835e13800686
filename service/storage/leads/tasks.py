"""Call tasks: how many are open, and which ones have expired (rule B14)."""

from datetime import datetime

from sqlalchemy import func, select, text

from service.leads.lead import Lead
from service.metrics.families import LEADS_ENDED
from service.storage.customers.customers import OPEN
from service.storage.database import Connection, Database
from service.storage.rows import lead_of
from service.storage.tables import leads

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('tasks of ' || :operator))")

# Held tasks are left alone: their holder may be talking with the client now.
EXPIRE = """
WITH over AS (
    SELECT id, state FROM leads
    WHERE task_expires_at IS NOT NULL AND state IN ('waiting', 'parked') AND task_expires_at <= $1
    ORDER BY task_expires_at LIMIT $2
    FOR UPDATE SKIP LOCKED
), expired AS (
    UPDATE leads SET
        state = 'settled', version = version + 1, changed_at = $1, parked_until = NULL,
        outcome = 'expired', settled_at = $1, settled_by = 'nextlead'
    FROM over WHERE leads.id = over.id
    RETURNING leads.*
), told AS (
    INSERT INTO lead_events
        (lead_id, at, type, actor, reason, state_before, state_after, details)
    SELECT id, $1, 'lead.expired', 'nextlead', 'the call task is out of date', over.state,
        'settled', json_build_object('operator', expired.task_operator,
            'expires_at', expired.task_expires_at)
    FROM over JOIN expired USING (id)
)
SELECT * FROM expired
"""


async def count_open_tasks(connection: Connection, operator: str) -> int:
    """How many call tasks of an operator are open.

    Nobody can add one until the transaction ends.
    """
    await connection.execute(ONE_AT_A_TIME, {"operator": operator})
    statement = select(func.count()).where(
        leads.c.task_operator == operator, leads.c.state.in_(OPEN)
    )
    return await connection.scalar(statement) or 0


async def expire_tasks(database: Database, now: datetime, limit: int) -> list[Lead]:
    """Settle expired call tasks that nobody holds; returns the leads as they are now."""
    expired = [lead_of(row) for row in await database.fetch(EXPIRE, now, limit)]
    for lead in expired:
        LEADS_ENDED.add(lead.ranking.kind.value, lead.sender, "expired")
    return expired
