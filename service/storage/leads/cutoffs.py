"""What the watch over cut-offs counts and stores."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.leads.lead import EarlyStart, Kind, Lead
from service.ranking.cutoff import Load, OperatorLoad, cutoff_kinds, find_load
from service.rules.policy import Policy
from service.storage.database import Database
from service.storage.rows import lead_of

ON_SHIFT_WITHIN = timedelta(minutes=15)

WAITING = """
SELECT count(*) AS waiting FROM leads
WHERE queue = $1 AND state = 'waiting' AND kind = ANY($2::text[])
"""

# A holder renews the claim even if they do not ask for the next lead.
ON_SHIFT = """
SELECT count(leads.id) FILTER (WHERE kind = ANY($2::text[])) AS holds,
    min(claimed_since) FILTER (WHERE kind = ANY($2::text[])) AS since
FROM operators LEFT JOIN leads ON claimed_by = operators.name AND state = 'claimed'
WHERE $1 = ANY(operators.queues)
GROUP BY operators.name HAVING seen_at > $3 OR count(leads.id) > 0
"""

# Of two replicas that saw the work, the earlier start wins.
RUSH = """
UPDATE queues SET rush_cutoff_at = $2, rush_minutes = $3
WHERE name = $1 AND (rush_cutoff_at IS DISTINCT FROM $2 OR rush_minutes < $3)
"""

UNHURRIED = """
SELECT * FROM leads
WHERE queue = $1 AND kind = ANY($2::text[]) AND state = ANY('{waiting,claimed}')
    AND (rush_cutoff_at, rush_minutes) IS DISTINCT FROM ($3, $4)
LIMIT $5
"""


async def read_load(database: Database, queue: str, policy: Policy, now: datetime) -> Load | None:
    """The work before a queue's next cut-off; None without one."""
    if policy.cutoff is None:
        return None
    kinds = [kind.value for kind in cutoff_kinds(policy)]
    waiting: int = (await database.fetch(WAITING, queue, kinds))[0]["waiting"]
    there = await database.fetch(ON_SHIFT, queue, kinds, now - ON_SHIFT_WITHIN)
    return find_load(
        policy, now, waiting, [OperatorLoad(row["holds"], row["since"]) for row in there]
    )


async def set_early_start(database: Database, queue: str, rush: EarlyStart) -> None:
    """Start the work before one cut-off earlier; for the same cut-off it never becomes later."""
    await database.fetch(RUSH, queue, rush.cutoff_at, rush.minutes)


async def without_early_start(
    database: Database, queue: str, kinds: Sequence[Kind], rush: EarlyStart, limit: int
) -> list[Lead]:
    """Waiting and held leads of some kinds that are not ranked by this early start yet."""
    names = [kind.value for kind in kinds]
    rows = await database.fetch(UNHURRIED, queue, names, rush.cutoff_at, rush.minutes, limit)
    return [lead_of(row) for row in rows]
