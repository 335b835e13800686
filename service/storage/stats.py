"""How a queue stands, counted from the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.leads.lead import Kind
from service.storage.database import Database

DAY = timedelta(hours=24)

WAITING = """
SELECT kind, stage, count(*) AS depth, min(received_at) AS oldest,
    sum(cost_per_minute) AS cost_per_minute
FROM leads WHERE queue = $1 AND state = 'waiting'
GROUP BY kind, stage ORDER BY stage DESC, kind
"""

STATES = """
SELECT count(*) FILTER (WHERE state = 'claimed') AS claimed,
    count(*) FILTER (WHERE state = 'parked') AS parked
FROM leads WHERE queue = $1 AND state = ANY('{claimed,parked}')
"""

# The first claim of a lead is its first answer.
SETTLED = """
SELECT count(*) AS settled,
    count(*) FILTER (WHERE outcome = 'won') AS won,
    count(*) FILTER (WHERE outcome = 'lost') AS lost,
    count(*) FILTER (WHERE outcome = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE outcome = 'no_answer') AS no_answer,
    coalesce(sum(amount), 0) AS amount,
    percentile_cont(0.5) WITHIN GROUP
        (ORDER BY extract(epoch FROM first_claimed_at - received_at)) AS answer_half,
    percentile_cont(0.95) WITHIN GROUP
        (ORDER BY extract(epoch FROM first_claimed_at - received_at)) AS answer_most
FROM leads WHERE queue = $1 AND state = 'settled' AND settled_at > $2
"""

OPERATORS = """
SELECT operators.name, count(leads.id) AS holding
FROM operators LEFT JOIN leads
    ON leads.claimed_by = operators.name AND leads.state = 'claimed' AND leads.queue = $1
WHERE $1 = ANY(operators.queues)
GROUP BY operators.name ORDER BY operators.name LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class Depth:
    """How many leads of a kind and stage wait, since when, and what a minute of it costs."""

    kind: Kind
    stage: int
    depth: int
    oldest: datetime
    cost_per_minute: float


@dataclass(frozen=True, slots=True)
class Stats:
    """How a queue stands now, and what the last 24 hours brought; times in seconds."""

    waiting: tuple[Depth, ...]
    claimed: int
    parked: int
    day: Mapping[str, Any]
    operators: Mapping[str, int]


async def stats_of(database: Database, queue: str, now: datetime) -> Stats:
    """Count a queue."""
    waiting = await database.fetch(WAITING, queue)
    states = (await database.fetch(STATES, queue))[0]
    day = (await database.fetch(SETTLED, queue, now - DAY))[0]
    operators = await database.fetch(OPERATORS, queue)
    return Stats(
        waiting=tuple(Depth(**{**row, "kind": Kind(row["kind"])}) for row in waiting),
        claimed=states["claimed"],
        parked=states["parked"],
        day=dict(day),
        operators={row["name"]: row["holding"] for row in operators},
    )
