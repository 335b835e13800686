"""How claims ended, counted by queue, kind and intent; and how good the predictions were."""

from dataclasses import dataclass

from sqlalchemy import insert

from service.leads.lead import Intent, Kind, Lead, Outcomes
from service.storage.database import Connection, Database
from service.storage.tables import fresh_outcomes

BANDS = 10
NEWEST = 20_000

# Unsummed outcomes are added to the sums.
CONVERSIONS = """
SELECT queue, kind, intent, greatest(0, sum(won))::int AS won, greatest(0, sum(lost))::int AS lost
FROM (
    SELECT queue, kind, intent, won, lost FROM conversions
    UNION ALL SELECT queue, kind, intent, won, lost FROM fresh_outcomes
) AS ends
GROUP BY queue, kind, intent LIMIT 100000
"""
OBSERVED = f"SELECT * FROM ({CONVERSIONS}) AS counts WHERE queue = $1 LIMIT 100"

# Rows that another replica has locked are summed next time.
SUM_UP = """
WITH taken AS (
    DELETE FROM fresh_outcomes WHERE id IN (
        SELECT id FROM fresh_outcomes ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    RETURNING queue, kind, intent, won, lost
), sums AS (
    SELECT queue, kind, intent, sum(won)::int AS won, sum(lost)::int AS lost
    FROM taken GROUP BY queue, kind, intent
), summed AS (
    INSERT INTO conversions (queue, kind, intent, won, lost)
    SELECT queue, kind, intent, greatest(0, won), greatest(0, lost) FROM sums
    ORDER BY queue, kind, intent
    ON CONFLICT (queue, kind, intent) DO UPDATE SET (won, lost) = (
        SELECT greatest(0, conversions.won + sums.won), greatest(0, conversions.lost + sums.lost)
        FROM sums WHERE (sums.queue, sums.kind, sums.intent)
            = (excluded.queue, excluded.kind, excluded.intent)
    )
)
SELECT FROM taken
"""

# The chance that a lead was ranked by, against its outcome.
CALIBRATION = """
SELECT least(width_bucket(chance, 0, 1, $2), $2) AS band, count(*) AS leads,
    avg(chance) AS predicted, avg((outcome = 'won')::int)::float8 AS won
FROM (
    SELECT chance, outcome FROM leads WHERE queue = $1 AND state = 'settled' AND counted
    ORDER BY settled_at DESC LIMIT $3
) AS newest
GROUP BY band ORDER BY band
"""


@dataclass(frozen=True, slots=True)
class Band:
    """Settled leads of similar chance: their number, the predicted chance, and the share won."""

    least: float
    most: float
    leads: int
    predicted: float
    won: float


async def count_outcome(connection: Connection, lead: Lead, *, won: bool) -> None:
    """Count the end of a claim, in the transaction that ends it."""
    await _count(connection, lead, int(won), int(not won))


async def uncount_outcome(connection: Connection, lead: Lead) -> None:
    """Take back the count of a settled lead's outcome, if it was counted."""
    if lead.counted:
        won = lead.outcome == "won"
        await _count(connection, lead, -int(won), -int(not won))


async def _count(connection: Connection, lead: Lead, won: int, lost: int) -> None:
    counted = {
        **{"queue": lead.signal.queue, "kind": lead.ranking.kind.value},
        **{"intent": lead.ranking.intent.value, "won": won, "lost": lost},
    }
    await connection.execute(insert(fresh_outcomes).values(**counted))


async def sum_up(database: Database, limit: int) -> int:
    """Add some outcomes to the sums; returns how many."""
    return len(await database.fetch(SUM_UP, limit))


async def observed_outcomes(database: Database, queue: str) -> dict[tuple[Kind, Intent], Outcomes]:
    """How a queue's claims ended, by kind and intent."""
    return {
        (Kind(row["kind"]), Intent(row["intent"])): Outcomes(row["won"], row["lost"])
        for row in await database.fetch(OBSERVED, queue)
    }


async def calibration(database: Database, queue: str) -> list[Band]:
    """Predicted chances against outcomes, by tenths, over the newest settled leads."""
    rows = await database.fetch(CALIBRATION, queue, BANDS, NEWEST)
    return [Band((row["band"] - 1) / BANDS, row["band"] / BANDS, *list(row)[1:]) for row in rows]
