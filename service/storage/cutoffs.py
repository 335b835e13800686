"""What the watch over cut-offs counts and writes down."""

from collections.abc import Sequence
from datetime import datetime

from service.leads.lead import Rush
from service.storage.database import Database

WAITING = """
SELECT count(*) AS waiting FROM leads
WHERE queue = $1 AND state = 'waiting' AND kind = ANY($2::text[])
"""

ON_SHIFT = """
SELECT count(*) AS operators FROM operators WHERE $1 = ANY(queues) AND seen_at > $2
"""

RUSH = """
UPDATE queues SET rush_cutoff_at = $2, rush_minutes = $3 WHERE name = $1
"""


async def count_waiting(database: Database, queue: str, kinds: Sequence[str]) -> int:
    """How many leads of some kinds wait."""
    count: int = (await database.fetch(WAITING, queue, list(kinds)))[0]["waiting"]
    return count


async def on_shift(database: Database, queue: str, since: datetime) -> int:
    """How many operators of a queue were seen since a moment."""
    count: int = (await database.fetch(ON_SHIFT, queue, since))[0]["operators"]
    return count


async def set_rush(database: Database, queue: str, rush: Rush) -> None:
    """Let leads be lifted earlier before one cut-off."""
    await database.fetch(RUSH, queue, rush.cutoff_at, rush.minutes)
