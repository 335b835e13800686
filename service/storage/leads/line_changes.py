"""What keeps the line in step: ended leases, due callbacks, recent changes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from service.leads.lead import Lead, State
from service.leads.line_entry import Holder, LineEntry, LinePlace, LineStep
from service.storage.database import Connection, Database
from service.storage.rows import LINE_FLAGS, Row, lead_of
from service.storage.tables import leads

# No transaction takes longer, so older changes have been committed by now.
COMMITS_WITHIN = timedelta(seconds=20)
PROTECTED, BEHIND, GUARANTEED = (LINE_FLAGS[name] for name in ("protected", "behind", "guaranteed"))

END_LEASES = """
WITH over AS (
    SELECT id, claimed_by FROM leads
    WHERE state = 'claimed' AND lease_until <= $1
    ORDER BY lease_until LIMIT $2
    FOR UPDATE SKIP LOCKED
), back AS (
    UPDATE leads SET
        state = 'waiting', version = version + 1, changed_at = $1,
        claimed_by = NULL, claim_token = NULL, claimed_since = NULL, lease_until = NULL,
        on_top = false, paused_since = NULL, talking_since = NULL
    FROM over WHERE leads.id = over.id
    RETURNING leads.*
), told AS (
    INSERT INTO lead_events
        (lead_id, at, type, actor, reason, state_before, state_after, details)
    SELECT id, $1, 'lead.lease_ended', 'nextlead', 'no sign of life', 'claimed', 'waiting',
        json_build_object('operator', claimed_by)
    FROM over
)
SELECT back.*, over.claimed_by AS left_by FROM back JOIN over USING (id)
"""

IS_ANY_DUE = """
SELECT FROM leads WHERE state = 'parked' AND parked_until <= $1 LIMIT 1
"""

CHANGED = """
SELECT id, version, queue, changed_at FROM leads
WHERE changed_at >= $1 AND (changed_at, id) > ($1, $2)
ORDER BY changed_at, id LIMIT $3
"""

# Few columns of many rows; the lane's place in time stays as it is stored.
IN_LINE = """
SELECT id::text AS lead_id, version, state, lane, rank, line_flags, late_at, timeline,
    claimed_by, claim_token, lease_until, paused_since
FROM leads
WHERE queue = $1 AND state = ANY('{waiting,claimed,parked}') AND id > $2
ORDER BY id LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class LineChange:
    """A change of a lead, with the version that it made."""

    lead_id: UUID
    version: int
    queue: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class EndedLease:
    """A lead that waits again, and its last holder."""

    lead: Lead
    operator: str


async def end_leases(database: Database, now: datetime, limit: int) -> list[EndedLease]:
    """Put back leads whose lease is over; returns them as they wait again."""
    rows = await database.fetch(END_LEASES, now, limit)
    return [EndedLease(lead_of(row), row["left_by"]) for row in rows]


async def is_any_due(database: Database, now: datetime) -> bool:
    """Whether the time of any parked lead has come: a cheap question, asked every second."""
    return bool(await database.fetch(IS_ANY_DUE, now))


async def lock_due(connection: Connection, now: datetime, limit: int) -> list[Lead]:
    """Parked leads that are due, locked, the longest overdue first."""
    statement = (
        select(leads)
        .where(leads.c.state == State.PARKED, leads.c.parked_until <= now)
        .order_by(leads.c.parked_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [lead_of(row) for row in (await connection.execute(statement)).mappings()]


async def changes(database: Database, since: datetime, after: UUID, limit: int) -> list[LineChange]:
    """Changes from a time on, in order; `after` is the last id of an earlier page."""
    rows = await database.fetch(CHANGED, since, after, limit)
    return [LineChange(row["id"], row["version"], row["queue"], row["changed_at"]) for row in rows]


async def in_line(database: Database, queue: str, after: UUID, limit: int) -> list[LineEntry]:
    """Open leads of a queue, by id; `after` is the last id of an earlier page."""
    return [_entry_of(row) for row in await database.fetch(IN_LINE, queue, after, limit)]


def _entry_of(row: Row) -> LineEntry:
    flags = row["line_flags"]
    return LineEntry(
        lead_id=row["lead_id"],
        version=row["version"],
        is_in_lane=row["state"] != "parked",
        place=LinePlace(row["lane"], row["rank"], bool(flags & PROTECTED), bool(flags & BEHIND)),
        steps=[_line_step_of(step) for step in row["timeline"]],
        guaranteed=bool(flags & GUARANTEED),
        late_at=row["late_at"],
        holder=_holder_of(row),
    )


def _line_step_of(spec: dict[str, Any]) -> LineStep:
    flags = spec.get("protected", False), spec.get("behind", False)
    return LineStep(spec["at"], spec["lane"], spec["rank"], *flags)


def _holder_of(row: Row) -> Holder | None:
    if row["claimed_by"] is None:
        return None
    paused = row["paused_since"] is not None
    return Holder(row["claimed_by"], row["claim_token"], row["lease_until"], paused)
