"""Reads both logs in one order, for listeners; nothing is stored for it.

The turn of an event is its transaction's number, or that of an earlier event of the same lead or
queue if it is higher. Only turns below the oldest transaction under way are read. Nothing can be
placed before them later, on any replica.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.leads.event_position import Cursor, EventPosition
from service.leads.outgoing_event import OutgoingEvent, event_id, public_details, public_reason
from service.storage.database import Database

PAGE = 1000
WHO = ("operator", "from", "to", "declined_by", "credited_to")

# A restored copy counts from lower numbers, so events that another server numbered count as passed
# on (after_id, stored by event_fan_out).
NOW = """
now AS MATERIALIZED (
    SELECT pg_snapshot_xmin(one)::text::bigint AS ended,
        pg_snapshot_xmax(one)::text::bigint AS begun,
        (SELECT after_id FROM event_horizons WHERE log = 'lead') AS after_lead,
        (SELECT after_id FROM event_horizons WHERE log = 'queue') AS after_queue
    FROM pg_current_snapshot() AS one
)
"""
PAGE_END = """
(SELECT greatest(txid, $1 + 1) FROM {table}
    WHERE txid >= $1 AND txid < now.ended ORDER BY txid OFFSET $2 LIMIT 1)
"""
# `first` is the earliest event of a lead in the page; the later ones may have waited for it. A lead
# with an earlier event whose transaction has not ended waits as a whole.
TURNS = """
{log}_first AS (
    SELECT {about}, min(id) AS first FROM {table}, bounds
    WHERE txid >= $1 AND txid < bounds.upper AND id > bounds.after_{log} GROUP BY {about}
), {log}_turns AS (
    SELECT one.id, max(one.txid) OVER (PARTITION BY one.{about} ORDER BY one.id) AS turn
    FROM {log}_first JOIN {table} AS one
        ON one.{about} = {log}_first.{about} AND one.id >= {log}_first.first, bounds
    WHERE NOT EXISTS (
        SELECT FROM {table} AS earlier
        WHERE earlier.{about} = {log}_first.{about} AND earlier.id < {log}_first.first
            AND earlier.id > bounds.after_{log}
            AND earlier.txid >= bounds.upper AND earlier.txid < bounds.begun
    )
)
"""
READ = f"""
WITH {NOW}, bounds AS MATERIALIZED (
    SELECT now.*, least(ended, {PAGE_END.format(table="lead_events")},
        {PAGE_END.format(table="queue_events")}) AS upper
    FROM now
), {TURNS.format(log="lead", table="lead_events", about="lead_id")},
{TURNS.format(log="queue", table="queue_events", about="queue")},
events AS (
    SELECT 'lead' AS log, turns.turn, one.id, one.at, one.type, one.actor, one.reason,
        one.state_before, one.state_after, one.details, one.lead_id, leads.queue, leads.kind,
        leads.channel, leads.source, leads.external_id, leads.lane, leads.owner,
        leads.claimed_by
    FROM bounds, lead_turns AS turns JOIN lead_events AS one USING (id)
        JOIN leads ON leads.id = one.lead_id
    WHERE turns.turn >= $1 AND turns.turn < bounds.upper
        AND ($3::text[] IS NULL OR leads.queue = ANY($3))
    UNION ALL
    SELECT 'queue', turns.turn, one.id, one.at, one.type, one.actor, NULL, NULL, NULL, one.details,
        NULL, one.queue, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM bounds, queue_turns AS turns JOIN queue_events AS one USING (id)
    WHERE turns.turn >= $1 AND turns.turn < bounds.upper
        AND ($3::text[] IS NULL OR one.queue = ANY($3))
)
SELECT bounds.ended, bounds.begun, bounds.upper, bounds.after_lead + bounds.after_queue AS era,
    EXISTS (SELECT FROM lead_events WHERE txid >= bounds.upper AND txid < bounds.begun)
        OR EXISTS (SELECT FROM queue_events WHERE txid >= bounds.upper AND txid < bounds.begun)
        AS has_more, events.*
FROM bounds LEFT JOIN events ON true
ORDER BY events.turn, events.log, events.id
"""
HERE = f"""
WITH {NOW} SELECT ended, begun, after_lead + after_queue AS era FROM now
"""
OLDEST = f"""
WITH {NOW} SELECT min(at) AS at FROM (
    (SELECT at FROM lead_events, now
        WHERE txid > $1 AND txid < now.begun AND id > now.after_lead ORDER BY txid LIMIT 1)
    UNION ALL
    (SELECT at FROM queue_events, now
        WHERE txid > $1 AND txid < now.begun AND id > now.after_queue ORDER BY txid LIMIT 1)
) AS first
"""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event, its position, and whom it may concern.

    `operators` are those whom the event names and who hold or own its lead now. `lane` is the
    lead's current lane, None for events of a queue.
    """

    position: EventPosition
    queue: str
    lane: str | None
    operators: frozenset[str]
    event: OutgoingEvent


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of events in order.

    The next page begins with the turn `upper`. `has_more` says that events are committed there,
    although they may not be readable yet. `is_other_server` is true when this server has not yet
    reached the asked number.
    """

    events: Sequence[LoggedEvent]
    upper: int
    era: int
    has_more: bool
    is_other_server: bool


async def read_events(
    database: Database, from_turn: int, queues: Sequence[str] | None = None
) -> EventPage:
    """A page of events from a turn on, of some queues or of all."""
    rows = await database.fetch(READ, from_turn, PAGE, None if queues is None else list(queues))
    first = rows[0]
    if from_turn > first["begun"]:
        return EventPage((), first["ended"], first["era"], False, True)
    events = [_logged(row) for row in rows if row["log"] is not None]
    upper = max(first["upper"], from_turn)
    return EventPage(events, upper, first["era"], first["has_more"], False)


async def here(database: Database) -> Cursor:
    """The position after all that has ended; a listener misses nothing from there on."""
    (row,) = await database.fetch(HERE)
    return Cursor(row["era"], EventPosition(row["ended"]))


async def oldest_after(database: Database, turn: int) -> datetime | None:
    """When the first event after a turn happened; None when there is none."""
    (row,) = await database.fetch(OLDEST, turn)
    oldest: datetime | None = row["at"]
    return oldest


def _logged(row: Any) -> LoggedEvent:
    data = _lead_data(row) if row["log"] == "lead" else {"queue": row["queue"]}
    details = public_details(row["details"])
    name = event_id(row["log"], row["id"])
    data |= {"actor": row["actor"], "details": details}
    return LoggedEvent(
        EventPosition(row["turn"], row["log"], row["id"]),
        row["queue"],
        row["lane"],
        _operators(row, details),
        OutgoingEvent(name, row["type"], row["at"], data),
    )


def _lead_data(row: Any) -> dict[str, Any]:
    return {
        "lead_id": str(row["lead_id"]),
        **{name: row[name] for name in ("queue", "kind", "channel", "source", "external_id")},
        "state_before": row["state_before"],
        "state_after": row["state_after"],
        "reason": public_reason(row["type"], row["reason"]),
    }


def _operators(row: Any, details: dict[str, Any]) -> frozenset[str]:
    named = [row["actor"], row["owner"], row["claimed_by"]]
    for name in WHO:
        value = details.get(name)
        if isinstance(value, dict):  # `to` of a handover
            value = value.get("operator")
        named += value if isinstance(value, list) else [value]
    return frozenset(item for item in named if isinstance(item, str))
