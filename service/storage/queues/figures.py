"""Figures of all queues, senders and subscriptions for one scrape of metrics."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from service.storage.database import Database
from service.storage.rows import Row

# Each queue uses its own range of an index.
WAITING = """
SELECT queues.name AS queue, queues.currency, counted.*
FROM queues, LATERAL (
    SELECT kind, count(*) AS waiting, min(received_at) AS oldest,
        sum(cost_per_minute) AS cost_per_minute
    FROM leads WHERE queue = queues.name AND state = 'waiting' GROUP BY kind
) AS counted
"""

HELD = """
SELECT queues.name AS queue, counted.*
FROM queues, LATERAL (
    SELECT kind, count(*) AS held
    FROM leads WHERE queue = queues.name AND state = 'claimed' GROUP BY kind
) AS counted
"""

# Counted as in `lateness`: late when they were taken, or held for too long since then.
LATE = """
SELECT wanted.queue, late.kind, count(*) AS late
FROM unnest($1::text[], $2::interval[]) AS wanted (queue, held), LATERAL (
    SELECT kind FROM leads
    WHERE queue = wanted.queue AND state IN ('waiting', 'claimed', 'parked') AND late_at <= $3
        AND (claimed_since IS NULL OR late_at <= claimed_since)
    UNION ALL
    SELECT kind FROM leads
    WHERE queue = wanted.queue AND state = 'claimed' AND claimed_since <= $3 - wanted.held
        AND (late_at IS NULL OR late_at > claimed_since)
) AS late
GROUP BY wanted.queue, late.kind
"""

SOURCES = """
SELECT name AS source, silent_since IS NOT NULL AS silent,
    (SELECT count(*) FROM deliveries WHERE source = name AND state = 'received') AS waiting,
    (SELECT count(*) FROM deliveries WHERE source = name AND state = 'quarantined') AS quarantined
FROM sources ORDER BY name LIMIT 1000
"""

EVENTS_OUT = """
SELECT name AS subscription, pending.*,
    (SELECT count(*) FROM event_deliveries WHERE subscription = name AND state = 'dead') AS dead
FROM subscriptions, LATERAL (
    SELECT count(*) AS pending, min(created_at) AS oldest
    FROM event_deliveries WHERE subscription = name AND state = 'pending'
) AS pending
ORDER BY name LIMIT 1000
"""


async def count_queues_waiting(database: Database) -> Sequence[Row]:
    """By queue and kind: `waiting`, the `oldest`, and `cost_per_minute` in its `currency`."""
    return await database.fetch(WAITING)


async def count_queues_held(database: Database) -> Sequence[Row]:
    """By queue and kind: how many leads are `held`."""
    return await database.fetch(HELD)


async def count_queues_late(
    database: Database, held_late: Mapping[str, timedelta | None], now: datetime
) -> Sequence[Row]:
    """By queue and kind: how many leads are `late`; `held_late` is the limit for held leads."""
    return await database.fetch(LATE, list(held_late), list(held_late.values()), now)


async def count_deliveries(database: Database) -> Sequence[Row]:
    """By source: whether it is `silent`, and its `waiting` and `quarantined` deliveries."""
    return await database.fetch(SOURCES)


async def count_events_out(database: Database) -> Sequence[Row]:
    """By subscription: the `pending` and `dead` events, and the `oldest` pending one."""
    return await database.fetch(EVENTS_OUT)
