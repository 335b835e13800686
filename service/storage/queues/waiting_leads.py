"""The leads behind a board's figures: waiting ones by kind and stage, ended ones by hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from service.leads.lead import Kind, Lead
from service.slices import in_slices
from service.storage.database import Database
from service.storage.rows import Row, lead_of

# The client is on the phone or in the office now.
LIVE = "live AND kind IN ('phone', 'office') AND NOT callback_due"
WAITING = f"""
SELECT * FROM leads
WHERE queue = $1 AND state = 'waiting' AND ($2::text IS NULL OR kind = $2)
    AND ($3::int IS NULL OR stage = $3) AND (NOT $4::bool OR ({LIVE}))
ORDER BY CASE WHEN $5::bool THEN received_at END, rank DESC, id LIMIT $6
"""
HOURS = """
SELECT date_trunc('hour', settled_at) AS at, count(*) FILTER (WHERE outcome = 'won') AS won,
    count(*) FILTER (WHERE outcome <> 'won') AS lost, count(*) AS served,
    coalesce(sum(amount) FILTER (WHERE outcome = 'won'), 0) AS amount
FROM leads WHERE queue = $1 AND state = 'settled' AND settled_at >= $2
GROUP BY 1 ORDER BY 1
"""
TAKEN = """
SELECT told.at, told.actor, told.lead_id, told.details, leads.kind
FROM lead_events AS told JOIN leads ON leads.id = told.lead_id AND leads.queue = $1
WHERE told.type = 'lead.claimed' AND told.at >= $2 AND told.at <= $3 AND told.lead_id <> $4
ORDER BY told.at DESC LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class WaitingFilter:
    """A filter of waiting leads; None matches any. With `oldest` the oldest first, else by rank."""

    queue: str
    kind: Kind | None = None
    stage: int | None = None
    live: bool = False
    oldest: bool = False


@dataclass(frozen=True, slots=True)
class Hour:
    """The leads that were settled in an hour."""

    at: datetime
    won: int
    lost: int
    served: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class TakenMeanwhile:
    """Another lead that somebody took while a lead waited, and the decision."""

    at: datetime
    operator: str
    lead: UUID
    kind: Kind
    details: dict[str, Any]


async def list_waiting(database: Database, wanted: WaitingFilter, limit: int) -> list[Lead]:
    """Waiting leads of a queue."""
    kind = None if wanted.kind is None else wanted.kind.value
    rows = await database.fetch(
        WAITING, wanted.queue, kind, wanted.stage, wanted.live, wanted.oldest, limit
    )
    return await in_slices(lead_of, rows)


async def hours_of(database: Database, queue: str, since: datetime) -> list[Hour]:
    """The leads that were settled since a time, by hour; hours without any are left out."""
    return [Hour(**row) for row in await database.fetch(HOURS, queue, since)]


async def taken_meanwhile(
    database: Database, queue: str, lead: UUID, between: tuple[datetime, datetime], limit: int
) -> Sequence[TakenMeanwhile]:
    """Other leads that were taken between two times, the newest first."""
    rows = await database.fetch(TAKEN, queue, *between, lead, limit)
    return [_taken(row) for row in rows]


def _taken(row: Row) -> TakenMeanwhile:
    kind, details = Kind(row["kind"]), _json(row["details"])
    return TakenMeanwhile(row["at"], row["actor"], row["lead_id"], kind, details)


def _json(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(value) if isinstance(value, str) else (value or {})
    return found
