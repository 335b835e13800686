"""Held chats without an answer, for sources that report our own answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from service.leads.lead import Lead, State
from service.storage.database import Connection, Database
from service.storage.leads.history import LeadEvent, append
from service.storage.rows import lead_of
from service.storage.tables import leads

WARNED = timedelta(minutes=1)

# The client waits for the holder's answer since the latest of: the start of the claim, the
# holder's last sign of work, the client's first message after our last answer. Nobody can write
# during a call. A source counts as reporting answers if it did so in the last seven days.
CHATS = """
SELECT id, operator, begins, reply_told_at FROM (
    SELECT held.id, held.claimed_by AS operator, held.reply_told_at,
        greatest(
            held.claimed_since, held.sign_at, coalesce(held.unanswered_since, held.received_at)
        ) AS begins
    FROM leads AS held JOIN sources ON sources.name = held.source
    WHERE held.{named} = $1 AND held.state = 'claimed' AND held.kind = 'chat' AND NOT held.live
        AND held.talking_since IS NULL AND held.paused_since IS NULL
        AND (held.own_answer_at IS NULL
            OR held.own_answer_at < coalesce(held.unanswered_since, held.received_at))
        AND sources.own_answer_at > $2::timestamptz - interval '7 days'
        AND NOT EXISTS (
            SELECT FROM leads AS talk WHERE talk.claimed_by = held.claimed_by
                AND talk.state = 'claimed' AND talk.talking_since IS NOT NULL
        )
) AS waiting
"""
BY_QUEUE = "WHERE begins <= $2::timestamptz - $3::interval ORDER BY begins LIMIT $4"
UNANSWERED = CHATS.format(named="queue") + BY_QUEUE
ONE_UNANSWERED = CHATS.format(named="id")


@dataclass(frozen=True, slots=True)
class UnansweredChat:
    """A chat, its holder, since when its client waits, and whether the holder was warned."""

    lead_id: UUID
    operator: str
    since: datetime
    warned: bool


async def list_unanswered(
    database: Database, queue: str, now: datetime, within: timedelta, limit: int
) -> list[UnansweredChat]:
    """Chats of a queue whose holder must be warned or must lose them."""
    rows = await database.fetch(UNANSWERED, queue, now, within - WARNED, limit)
    return [
        UnansweredChat(
            row["id"],
            row["operator"],
            row["begins"],
            row["reply_told_at"] is not None and row["reply_told_at"] >= row["begins"],
        )
        for row in rows
    ]


async def unanswered_since(database: Database, lead_id: UUID, now: datetime) -> datetime | None:
    """Since when the client of a held chat waits for an answer; None if they do not wait."""
    rows = await database.fetch(ONE_UNANSWERED, lead_id, now)
    return None if not rows else rows[0]["begins"]


async def locked_unanswered(connection: Connection, found: UnansweredChat) -> Lead | None:
    """The lead, locked; None when it has another holder or somebody else has locked it."""
    statement = (
        select(leads)
        .where(
            leads.c.id == found.lead_id,
            leads.c.state == State.CLAIMED,
            leads.c.claimed_by == found.operator,
        )
        .with_for_update(skip_locked=True)
    )
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else lead_of(row)


async def warn_holder(
    connection: Connection, lead: Lead, found: UnansweredChat, until: datetime, now: datetime
) -> None:
    """Record the warning at the lead; the line does not change."""
    columns = {"reply_told_at": now}
    await connection.execute(update(leads).where(leads.c.id == lead.id).values(columns))
    details = {"operator": found.operator, "until": until}
    event = LeadEvent("reply.due", now, "nextlead", "the client was not answered yet", details)
    await append(connection, lead.id, event, before=lead.state, after=lead.state)
