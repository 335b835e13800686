"""What an operator has done since a moment, counted from the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from service.storage.database import Database

ENDED = """
SELECT outcome, count(*) AS leads, sum(amount) AS amount FROM leads
WHERE queue = ANY($1) AND state = 'settled' AND settled_at >= $2 AND settled_by = $3
GROUP BY outcome ORDER BY leads DESC, outcome
"""
TAKEN = """
SELECT count(DISTINCT lead_id) AS leads FROM lead_events
WHERE type = 'lead.claimed' AND at >= $1 AND actor = $2
"""


@dataclass(frozen=True, slots=True)
class EndedAs:
    """How many leads an operator settled with an outcome, and their sums; None: no sum is known."""

    outcome: str
    leads: int
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class OperatorDay:
    """How many leads an operator took, and how those that they settled ended."""

    taken: int
    ended: Sequence[EndedAs]


async def read_day(
    database: Database, operator: str, queues: Sequence[str], since: datetime
) -> OperatorDay:
    """An operator's day; a settlement that was undone does not count."""
    taken = (await database.fetch(TAKEN, since, operator))[0]["leads"]
    ended = await database.fetch(ENDED, list(queues), since, operator)
    return OperatorDay(taken, [EndedAs(**row) for row in ended])
