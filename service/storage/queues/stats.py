"""The current figures of a queue, counted from the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.cached import SharedReadings
from service.leads.lead import Kind
from service.ranking.cutoff import Load
from service.rules.policy import Policy
from service.storage.database import Database
from service.storage.json_rows import as_json
from service.storage.leads.cutoffs import read_load
from service.storage.leads.lateness import count_late
from service.storage.queues.waiting_leads import LIVE

DAY = timedelta(hours=24)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)

WAITING = f"""
SELECT kind, stage, count(*) AS depth, min(received_at) AS oldest,
    sum(cost_per_minute) AS cost_per_minute, coalesce(sum(work_minutes), 0)::float8 AS work_minutes,
    count(*) FILTER (WHERE {LIVE}) AS live, min(received_at) FILTER (WHERE {LIVE}) AS live_since
FROM leads WHERE queue = $1 AND state = 'waiting'
GROUP BY kind, stage ORDER BY stage DESC, kind
"""

STATES = """
SELECT count(*) FILTER (WHERE state = 'claimed') AS claimed,
    count(*) FILTER (WHERE state = 'parked') AS parked
FROM leads WHERE queue = $1 AND state = ANY('{claimed,parked}')
"""

SETTLED = """
SELECT
    count(*) FILTER (WHERE outcome = 'won') AS won,
    count(*) FILTER (WHERE outcome = 'lost') AS lost,
    count(*) FILTER (WHERE outcome = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE outcome = 'no_answer') AS no_answer,
    count(*) FILTER (WHERE outcome = 'answered') AS answered,
    coalesce(sum(amount), 0) AS amount
FROM leads WHERE queue = $1 AND state = 'settled' AND settled_at > $2
"""

# By the policy's names for reasons; all other texts are counted together (B8).
REASONS = """
SELECT outcome, name, count(*) AS leads
FROM (
    SELECT outcome, (
        SELECT name
        FROM json_to_recordset($3::text::json) AS given (outcome text, name text, words text)
        WHERE given.outcome = leads.outcome AND leads.reason IN (name, words) LIMIT 1
    ) AS name
    FROM leads
    WHERE queue = $1 AND state = 'settled' AND settled_at > $2 AND outcome IN ('lost', 'cancelled')
) AS named
GROUP BY outcome, name ORDER BY outcome DESC, leads DESC, name
"""

# Without reports of our side's answers, the first claim of a lead counts as its first answer.
SERVED = """
SELECT count(*) AS served, count(*) FILTER (WHERE claimed_at > $3) AS served_last_hour,
    count(known) AS first_answers_known,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS first_answer_median_seconds,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY waited) AS first_answer_90_percent_seconds,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY waited) AS first_answer_95_percent_seconds
FROM (
    SELECT first_answer_at AS known, first_claimed_at AS claimed_at, greatest(
        0, extract(epoch FROM coalesce(first_answer_at, first_claimed_at) - received_at)
    )::float8 AS waited
    FROM leads WHERE queue = $1 AND first_claimed_at > $2
) AS answers
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
    """The waiting leads of a kind and stage: how many, since when, their cost and their work.

    `live` of them are clients who are on the phone or in the office now.
    """

    kind: Kind
    stage: int
    depth: int
    oldest: datetime
    cost_per_minute: float
    work_minutes: float = 0.0
    live: int = 0
    live_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stats:
    """The figures of a queue at a moment, and of the hour and the 24 hours before it."""

    at: datetime
    waiting: tuple[Depth, ...]
    claimed: int
    parked: int
    served_last_hour: int
    late: int
    day: Mapping[str, Any]
    operators: Mapping[str, int]
    cutoff: Load | None

    @property
    def depth(self) -> int:
        """How many leads wait."""
        return sum(row.depth for row in self.waiting)

    @property
    def oldest(self) -> datetime | None:
        """Since when the first of them waits."""
        return min((row.oldest for row in self.waiting), default=None)

    @property
    def cost_per_minute(self) -> float:
        """What a minute of their waiting costs."""
        return sum(float(row.cost_per_minute) for row in self.waiting)

    @property
    def work_minutes(self) -> float:
        """How long an operator would work on all of them."""
        return sum(row.work_minutes for row in self.waiting)

    @property
    def live(self) -> int:
        """How many live clients nobody has answered."""
        return sum(row.live for row in self.waiting)

    @property
    def live_since(self) -> datetime | None:
        """Since when the first live client waits."""
        return min((row.live_since for row in self.waiting if row.live_since), default=None)


class Statistics:
    """Counts queues, each at most once a second, however many dashboards ask."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._readings: SharedReadings[str, Stats] = SharedReadings(SECOND)

    async def of(self, queue: str, policy: Policy, now: datetime) -> Stats:
        """The figures of a queue, at most a second old."""
        return await self._readings.of(
            queue, now, lambda: _count(self._database, queue, policy, now)
        )


async def _count(database: Database, queue: str, policy: Policy, now: datetime) -> Stats:
    waiting = await database.fetch(WAITING, queue)
    states = (await database.fetch(STATES, queue))[0]
    settled = (await database.fetch(SETTLED, queue, now - DAY))[0]
    reasons = await database.fetch(REASONS, queue, now - DAY, _names(policy))
    served = dict((await database.fetch(SERVED, queue, now - DAY, now - HOUR))[0])
    operators = await database.fetch(OPERATORS, queue)
    return Stats(
        at=now,
        waiting=tuple(Depth(**{**row, "kind": Kind(row["kind"])}) for row in waiting),
        claimed=states["claimed"],
        parked=states["parked"],
        served_last_hour=served.pop("served_last_hour"),
        late=await count_late(database, queue, now, policy.held_late),
        day={**served, **settled, "reasons": [dict(row) for row in reasons]},
        operators={row["name"]: row["holding"] for row in operators},
        cutoff=await read_load(database, queue, policy, now),
    )


def _names(policy: Policy) -> str:
    """The policy's names of reasons with the words for each."""
    return as_json(
        [
            {"outcome": outcome.value, "name": name, "words": words}
            for outcome, names in policy.reasons.items()
            for name, words in names.items()
        ]
    )
