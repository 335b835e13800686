"""Calls in the rows of leads: which ones wait, and the last update of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select, tuple_, update

from service.leads.call import CallNews
from service.leads.lead import Kind, Lead, State
from service.rules.policy import Policy
from service.storage.database import Connection, Database
from service.storage.rows import lead_of
from service.storage.tables import leads

MOST = 50


async def waiting_live(
    connection: Connection, served: Mapping[str, Sequence[str]]
) -> Sequence[Lead]:
    """Live clients who wait in the lanes, in order."""
    places = [(queue, lane) for queue, lanes in served.items() for lane in lanes]
    statement = (
        select(leads)
        .where(
            tuple_(leads.c.queue, leads.c.lane).in_(places),
            leads.c.state == State.WAITING,
            leads.c.kind.in_((Kind.PHONE, Kind.OFFICE)),
            leads.c.live,
            ~leads.c.callback_due,
        )
        .order_by(leads.c.rank.desc(), leads.c.id)
        .limit(MOST)
    )
    return [lead_of(row) for row in (await connection.execute(statement)).mappings()]


# Uses the index of live leads; a talk counts from its beginning.
LIVE_OVER = """
SELECT id FROM leads
WHERE live AND state IN ('waiting', 'claimed') AND asked_at <= $1::timestamptz
    AND queue = $2 AND kind = ANY ('{phone,office}')
    AND CASE WHEN state = 'claimed'
        THEN greatest(asked_at, claimed_since, talking_since) <= $1::timestamptz - $5::interval
        ELSE asked_at <= $1::timestamptz - CASE kind WHEN 'phone' THEN $3::interval
            ELSE $4::interval END
    END
ORDER BY asked_at LIMIT $6
"""


async def live_over(
    database: Database, queue: str, policy: Policy, now: datetime, limit: int
) -> list[UUID]:
    """Leads of a queue whose live client must have left by now."""
    lives = (policy.live_for[Kind.PHONE], policy.live_for[Kind.OFFICE], policy.talk_for)
    rows = await database.fetch(LIVE_OVER, now, queue, *lives, limit)
    return [row["id"] for row in rows]


async def is_news(connection: Connection, lead_id: UUID, news: CallNews) -> bool:
    """Record an update of a lead's call; False for a repeated or an older one."""
    spec = and_(leads.c.call_told_at == news.at, leads.c.call_told != news.words)
    newer = or_(leads.c.call_told_at.is_(None), leads.c.call_told_at < news.at, spec)
    statement = (
        update(leads)
        .where(leads.c.id == lead_id, newer)
        .values(call_told=news.words, call_told_at=news.at)
        .returning(leads.c.id)
    )
    return (await connection.execute(statement)).first() is not None


async def pass_news(connection: Connection, lead_id: UUID, to: UUID) -> None:
    """Copy the last update of a lead's call to another lead, unless that has a later one."""
    reported = leads.alias()
    newer = or_(leads.c.call_told_at.is_(None), leads.c.call_told_at < reported.c.call_told_at)
    await connection.execute(
        update(leads)
        .where(leads.c.id == to, reported.c.id == lead_id, newer)
        .where(reported.c.call_told_at.is_not(None))
        .values(call_told=reported.c.call_told, call_told_at=reported.c.call_told_at)
    )
