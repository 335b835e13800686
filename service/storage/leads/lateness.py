"""Late leads: nobody took them in time, or an operator has held them for too long.

A lead that was late when it was taken stays late. Any other held lead is late after a time of
`held`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from service.leads.lead import Lead
from service.storage.database import Database
from service.storage.rows import lead_of

OPEN = "state IN ('waiting', 'claimed', 'parked')"
WAITED = f"""
SELECT id, late_at AS late_since FROM leads
WHERE queue = $1 AND {OPEN} AND late_at <= $2
    AND (claimed_since IS NULL OR late_at <= claimed_since)
"""
HELD = """
SELECT id, claimed_since + $3::interval AS late_since FROM leads
WHERE queue = $1 AND state = 'claimed' AND claimed_since <= $2 - $3::interval
    AND (late_at IS NULL OR late_at > claimed_since)
"""

COUNT = f"""
SELECT (SELECT count(*) FROM ({WAITED}) AS waited) + (SELECT count(*) FROM ({HELD}) AS held)
    AS late
"""

# Reported and unreported leads are two ranges of one index, each in order.
LATE = f"""
SELECT leads.*, found.late_since
FROM (
    SELECT id, late_since FROM unnest('{{true,false}}'::bool[]) AS stretch (told), LATERAL (
        {WAITED} AND late_told = stretch.told AND (late_at, id) > ($4, $5)
        ORDER BY late_at, id LIMIT $6
    ) AS waited
    UNION ALL
    SELECT id, late_since FROM ({HELD}) AS held WHERE (late_since, id) > ($4, $5)
    ORDER BY late_since, id LIMIT $6
) AS found JOIN leads USING (id)
ORDER BY found.late_since, leads.id
"""

# The version stays, because nothing changes in the line.
TELL = f"""
WITH due AS (
    ({WAITED} AND late_told = false ORDER BY late_at LIMIT $4)
    UNION ALL
    ({HELD} AND late_told = false LIMIT $4)
), found AS (
    SELECT leads.id, leads.state, leads.claimed_by, leads.first_answer_at, due.late_since
    FROM leads JOIN due USING (id)
    WHERE leads.late_told = false AND leads.{OPEN}
    FOR UPDATE OF leads SKIP LOCKED
), told AS (
    UPDATE leads SET late_told = true, late_told_at = $2 FROM found WHERE leads.id = found.id
)
INSERT INTO lead_events (lead_id, at, type, actor, reason, state_before, state_after, details)
SELECT id, $2, 'lead.late', 'nextlead',
    CASE WHEN claimed_by IS NULL AND first_answer_at IS NULL THEN 'nobody took it in time'
        ELSE 'it is not settled in time' END,
    state, state, json_build_object('late_since', late_since, 'operator', claimed_by)
FROM found
RETURNING lead_id
"""


# Late leads that still wait; leads that were taken meanwhile are not reported again.
TELL_AGAIN = """
WITH found AS (
    SELECT id, late_at FROM leads
    WHERE queue = $1 AND state = 'waiting' AND late_told AND late_at <= $2
        AND late_told_at <= $2::timestamptz - $3::interval
    ORDER BY late_told_at LIMIT $4
    FOR UPDATE SKIP LOCKED
), told AS (
    UPDATE leads SET late_told_at = $2 FROM found WHERE leads.id = found.id
)
INSERT INTO lead_events (lead_id, at, type, actor, reason, state_before, state_after, details)
SELECT id, $2, 'lead.late', 'nextlead', 'it waits still', 'waiting', 'waiting',
    json_build_object('late_since', late_at, 'operator', NULL)
FROM found
RETURNING lead_id
"""


@dataclass(frozen=True, slots=True)
class Late:
    """A lead, and since when it is late."""

    lead: Lead
    since: datetime


async def count_late(database: Database, queue: str, now: datetime, held: timedelta | None) -> int:
    """How many leads of a queue are late."""
    return int((await database.fetch(COUNT, queue, now, held))[0]["late"])


async def list_late(
    database: Database,
    queue: str,
    now: datetime,
    held: timedelta | None,
    after: tuple[datetime, UUID],
    limit: int,
) -> list[Late]:
    """Late leads of a queue, the longest late first; `after` continues after an earlier page."""
    rows = await database.fetch(LATE, queue, now, held, *after, limit)
    return [Late(lead_of(row), row["late_since"]) for row in rows]


async def notify_late(
    database: Database, queue: str, now: datetime, held: timedelta | None, limit: int
) -> list[UUID]:
    """Record, once for each lead, that it is late; returns which ones."""
    rows = await database.fetch(TELL, queue, now, held, limit)
    return [row["lead_id"] for row in rows]


async def notify_late_again(
    database: Database, queue: str, now: datetime, every: timedelta, limit: int
) -> list[UUID]:
    """Record again that late leads still wait, `every` time after the last record."""
    rows = await database.fetch(TELL_AGAIN, queue, now, every, limit)
    return [row["lead_id"] for row in rows]
