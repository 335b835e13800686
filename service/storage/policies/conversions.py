"""How claims ended, counted by queue, kind and intent; and how well chances foretold it."""

from dataclasses import dataclass

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from service.leads.lead import Intent, Kind, Lead, Outcomes
from service.storage.database import Connection, Database
from service.storage.tables import conversions

BANDS = 10
NEWEST = 20_000

OBSERVED = "SELECT kind, intent, won, lost FROM conversions WHERE queue = $1 LIMIT 100"

# The chance that a lead was ranked by, against what became of it.
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
    """Settled leads of about the same chance: how many, what was predicted, what came true."""

    least: float
    most: float
    leads: int
    predicted: float
    won: float


async def count_outcome(connection: Connection, lead: Lead, *, won: bool) -> None:
    """Count how a claim ended, in the transaction that ends it."""
    ranking = lead.ranking
    one = {"won": int(won), "lost": int(not won)}
    await connection.execute(
        insert(conversions)
        .values(
            queue=lead.signal.queue,
            kind=ranking.kind.value,
            intent=ranking.intent.value,
            **one,
        )
        .on_conflict_do_update(
            index_elements=[conversions.c.queue, conversions.c.kind, conversions.c.intent],
            set_={name: conversions.c[name] + count for name, count in one.items()},
        )
    )


async def uncount_outcome(connection: Connection, lead: Lead) -> None:
    """Take back what the outcome of a settled lead counted, if it did."""
    if not lead.counted:
        return
    ranking, won = lead.ranking, lead.outcome == "won"
    counts = {"won": conversions.c.won - int(won), "lost": conversions.c.lost - int(not won)}
    await connection.execute(
        update(conversions)
        .where(
            conversions.c.queue == lead.signal.queue,
            conversions.c.kind == ranking.kind.value,
            conversions.c.intent == ranking.intent.value,
        )
        .values({name: func.greatest(0, count) for name, count in counts.items()})
    )


async def observed_outcomes(database: Database, queue: str) -> dict[tuple[Kind, Intent], Outcomes]:
    """How a queue's claims ended, by kind and intent."""
    return {
        (Kind(row["kind"]), Intent(row["intent"])): Outcomes(row["won"], row["lost"])
        for row in await database.fetch(OBSERVED, queue)
    }


async def calibration(database: Database, queue: str) -> list[Band]:
    """Predicted chances against what came true, by tenths, over the newest settled leads."""
    rows = await database.fetch(CALIBRATION, queue, BANDS, NEWEST)
    return [Band((row["band"] - 1) / BANDS, row["band"] / BANDS, *list(row)[1:]) for row in rows]
