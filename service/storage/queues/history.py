"""What a queue did in each hour, counted from the rows and kept for a year."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert

from service.leads.lead import Kind
from service.leads.wait_counts import BOUNDS, BUCKETS
from service.storage.database import Connection, Database
from service.storage.queues.history_tables import hour_figures

KEPT = timedelta(days=366)
FORGOTTEN_AT_ONCE = 1000

COUNTED = "SELECT hour, counted_at FROM counted_hours WHERE queue = $1 AND hour >= $2"
# The process that gets a row back counts the hour; for others it is already counted.
CLAIM = """
INSERT INTO counted_hours (queue, hour, counted_at) VALUES ($1, $2, $3)
ON CONFLICT (queue, hour) DO UPDATE SET counted_at = excluded.counted_at
WHERE counted_hours.counted_at IS NOT DISTINCT FROM $4
RETURNING queue
"""
# A lead that was created since a time was also changed since then, so that index can be used.
RECEIVED = """
SELECT kind, count(*)::int AS received FROM leads
WHERE queue = $1 AND changed_at >= $2 AND created_at >= $2 AND created_at < $3 GROUP BY kind
"""
# Without reports of our side's answers, the first claim of a lead counts as its first answer.
SERVED = """
SELECT kind, width_bucket(greatest(
        0, extract(epoch FROM coalesce(first_answer_at, first_claimed_at) - received_at)
    )::float8, $4::float8[]) AS bucket,
    count(*)::int AS served, count(first_answer_at)::int AS known
FROM leads WHERE queue = $1 AND first_claimed_at >= $2 AND first_claimed_at < $3
GROUP BY kind, bucket
"""
SETTLED = """
SELECT kind, outcome, count(*)::int AS settled, coalesce(sum(amount), 0) AS amount
FROM leads WHERE queue = $1 AND state = 'settled' AND settled_at >= $2 AND settled_at < $3
GROUP BY kind, outcome
"""
HISTORY = """
SELECT hour, kind, received, served, first_answers_known, waits, settled, won, lost, cancelled,
    no_answer, answered, amount
FROM hour_figures WHERE queue = $1 AND hour >= $2 ORDER BY hour, kind
"""
FORGET = """
DELETE FROM counted_hours WHERE (queue, hour) IN (
    SELECT queue, hour FROM counted_hours WHERE hour < $1 LIMIT $2
)
"""
OUTCOMES = ("won", "lost", "cancelled", "no_answer", "answered")


@dataclass(slots=True)
class HourFigures:
    """What a queue did with leads of one kind in the hour that begins at `hour`.

    `received` leads were opened, `served` ones claimed for the first time, with their `waits` by
    length (leads/wait_counts.py).
    """

    hour: datetime
    kind: Kind
    received: int = 0
    served: int = 0
    first_answers_known: int = 0
    waits: list[int] = field(default_factory=lambda: [0] * BUCKETS)
    settled: int = 0
    won: int = 0
    lost: int = 0
    cancelled: int = 0
    no_answer: int = 0
    answered: int = 0
    amount: Decimal = Decimal(0)


async def counted_since(
    database: Database, queue: str, since: datetime
) -> dict[datetime, datetime]:
    """The counted hours of a queue from a time on, and when each was last counted."""
    return {row["hour"]: row["counted_at"] for row in await database.fetch(COUNTED, queue, since)}


async def claim_hour(
    database: Database, queue: str, hour: datetime, now: datetime, before: datetime | None
) -> bool:
    """Whether the caller must count the hour; `before` is when it was last counted."""
    return bool(await database.fetch(CLAIM, queue, hour, now, before))


async def count_hour(
    database: Database, queue: str, begins: datetime, ends: datetime
) -> Sequence[HourFigures]:
    """The figures of an hour from the rows, by kind."""
    found: dict[str, HourFigures] = {}

    def of(row: Any) -> HourFigures:
        return found.setdefault(row["kind"], HourFigures(begins, Kind(row["kind"])))

    for row in await database.fetch(RECEIVED, queue, begins, ends):
        of(row).received = row["received"]
    bounds = [float(bound) for bound in BOUNDS]
    for row in await database.fetch(SERVED, queue, begins, ends, bounds):
        of(row).served += row["served"]
        of(row).first_answers_known += row["known"]
        of(row).waits[row["bucket"]] += row["served"]
    for row in await database.fetch(SETTLED, queue, begins, ends):
        of(row).settled += row["settled"]
        of(row).amount += row["amount"]
        if row["outcome"] in OUTCOMES:
            setattr(of(row), row["outcome"], row["settled"])
    return list(found.values())


async def put_hour(
    connection: Connection, queue: str, hour: datetime, figures: Sequence[HourFigures]
) -> None:
    """Replace the figures of an hour."""
    table = hour_figures
    await connection.execute(delete(table).where(table.c.queue == queue, table.c.hour == hour))
    if figures:
        names = [column.name for column in table.c if column.name != "queue"]
        rows = [
            {"queue": queue, **{name: getattr(item, name) for name in names}} for item in figures
        ]
        await connection.execute(insert(table), rows)


async def history_of(database: Database, queue: str, since: datetime) -> Sequence[HourFigures]:
    """A queue's hours from a time on, the oldest first; hours without leads are left out."""
    rows = await database.fetch(HISTORY, queue, since)
    return [HourFigures(**{**row, "kind": Kind(row["kind"])}) for row in rows]


async def forget_hours(database: Database, now: datetime) -> None:
    """Delete some hours that are older than a year."""
    await database.fetch(FORGET, now - KEPT, FORGOTTEN_AT_ONCE)
