"""What each operator was offered and how it ended, from the events of claims.

A claim counts in the window in which it was made. Its end is the first later event that takes the
lead from the operator, at any time, unless it was undone. A corrected outcome counts as corrected.
At most the newest 50 000 claims are counted.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cachetools import LRUCache

from service.ranking.decision import ServedVia
from service.storage.database import Database
from service.storage.leads.claim_events import BY_ID

SECONDS = timedelta(seconds=5)
REMEMBERED = 200
MOST = 50_000  # 45 µs each: twice as many could exceed the time of a statement

DECLINED, RELEASED, EXPIRED = "lead.declined", "lead.released", "lead.lease_ended"
HANDED_ON = "lead.transferred"

# `offered` are claims that `next` gave; `picked` are claims by a lead's id. A call that an operator
# answered is neither, because telephony chose the operator.
CLAIMS = f"""
SELECT claim.actor AS operator,
    coalesce(claim.details #>> '{{decision,way}}', '{ServedVia.LINE}')
        <> '{ServedVia.ASKED_FOR}' AS offered,
    claim.reason IS NOT DISTINCT FROM '{BY_ID}' AS picked,
    coalesce((claim.details #>> '{{explanation,budget,value}}')::numeric, 0) AS stake,
    ending.type AS ending, ending.outcome,
    CASE WHEN claim.first_claimed_at = claim.at THEN
        greatest(0, extract(epoch FROM claim.at - claim.received_at))::float8 END AS answered,
    CASE WHEN ending.outcome IS NOT NULL THEN
        extract(epoch FROM ending.at - claim.at)::float8 END AS handled
FROM (
    SELECT told.*, leads.received_at, leads.first_claimed_at
    FROM lead_events AS told JOIN leads ON leads.id = told.lead_id AND leads.queue = $1
    WHERE told.type = 'lead.claimed' AND told.at >= $2 AND told.at < $3
    ORDER BY told.at DESC LIMIT {MOST}
) AS claim
LEFT JOIN LATERAL (
    SELECT after.type, after.at, coalesce(corrected.outcome, after.details ->> 'outcome') AS outcome
    FROM lead_events AS after LEFT JOIN LATERAL (
        SELECT correction.details ->> 'outcome' AS outcome FROM lead_events AS correction
        WHERE after.state_after = 'settled' AND correction.lead_id = after.lead_id
            AND correction.id > after.id AND correction.type = 'lead.corrected'
            AND (correction.details ->> 'event')::bigint = after.id
        ORDER BY correction.id DESC LIMIT 1
    ) AS corrected ON true
    WHERE after.lead_id = claim.lead_id AND after.id > claim.id
        AND after.state_before = 'claimed'
        AND (after.state_after <> 'claimed' OR after.type = '{HANDED_ON}')
        AND NOT (after.state_after = 'settled' AND EXISTS (
            SELECT FROM lead_events AS undone
            WHERE undone.lead_id = after.lead_id AND undone.id > after.id
                AND undone.type = 'lead.reopened'
                AND (undone.details ->> 'event')::bigint = after.id
        ))
    ORDER BY after.id LIMIT 1
) AS ending ON true
"""

FIGURES = f"""
WITH claims AS MATERIALIZED ({CLAIMS}), named AS (
    SELECT *, CASE ending
        WHEN '{DECLINED}' THEN 'declined' WHEN '{RELEASED}' THEN 'released'
        WHEN '{EXPIRED}' THEN 'expired' ELSE 'taken' END AS became
    FROM claims
), outcomes AS (
    SELECT operator, json_object_agg(outcome, times) AS outcomes FROM (
        SELECT operator, outcome, count(*) AS times FROM claims
        WHERE outcome IS NOT NULL GROUP BY operator, outcome ORDER BY operator, outcome
    ) AS counted GROUP BY operator
), figures AS (
    SELECT operator,
        count(*) FILTER (WHERE offered) AS offered,
        count(*) FILTER (WHERE offered AND became = 'taken') AS taken,
        count(*) FILTER (WHERE offered AND became = 'declined') AS declined,
        count(*) FILTER (WHERE offered AND became = 'released') AS released,
        count(*) FILTER (WHERE offered AND became = 'expired') AS expired,
        count(*) FILTER (WHERE picked) AS picked,
        coalesce(sum(stake) FILTER (WHERE offered), 0) AS offered_stake,
        coalesce(sum(stake) FILTER (WHERE offered AND became = 'taken'), 0) AS taken_stake,
        coalesce(sum(stake) FILTER (WHERE offered AND became = 'declined'), 0) AS declined_stake,
        coalesce(sum(stake) FILTER (WHERE offered AND became = 'released'), 0) AS released_stake,
        coalesce(sum(stake) FILTER (WHERE offered AND became = 'expired'), 0) AS expired_stake,
        coalesce(sum(stake) FILTER (WHERE picked), 0) AS picked_stake,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY answered) AS first_answer_median_seconds,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY answered) AS first_answer_95_percent_seconds,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY handled) AS handling_median_seconds,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY handled) AS handling_95_percent_seconds
    FROM named GROUP BY operator
)
SELECT figures.*, outcomes.outcomes FROM figures LEFT JOIN outcomes USING (operator)
ORDER BY operator LIMIT 1000
"""

FATES = ("offered", "taken", "declined", "released", "expired", "picked")
TIMES = (
    *("first_answer_median_seconds", "first_answer_95_percent_seconds"),
    *("handling_median_seconds", "handling_95_percent_seconds"),
)


@dataclass(frozen=True, slots=True)
class Window:
    """Claims of a queue from `since` until before `until`."""

    queue: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Count:
    """A number of claims, and the sum of the budgets that they were ranked by."""

    leads: int
    stake: Decimal


@dataclass(frozen=True, slots=True)
class Figures:
    """One operator's claims: by their fates, by their outcomes, and how long they took."""

    operator: str
    counts: Mapping[str, Count]
    outcomes: Mapping[str, int]
    times: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class OperatorStats:
    """The operators with claims in a window, by name, counted at `at`."""

    at: datetime
    window: Window
    operators: tuple[Figures, ...]


class OperatorStatistics:
    """Counts windows, each at most once in five seconds, however many dashboards ask."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._existing: LRUCache[object, OperatorStats] = LRUCache(REMEMBERED)
        self._counting: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, asked: object, window: Window, now: datetime) -> OperatorStats:
        """The figures of a window; equal values of `asked` share an answer."""
        key = (window.queue, asked)
        async with self._counting[window.queue]:
            existing = self._existing.get(key)
            if existing is None or not now - SECONDS < existing.at <= now:
                existing = self._existing[key] = await _count(self._database, window, now)
            return existing


async def _count(database: Database, window: Window, now: datetime) -> OperatorStats:
    rows = await database.fetch(FIGURES, window.queue, window.since, window.until)
    return OperatorStats(now, window, tuple(_figures(row) for row in rows))


def _figures(row: Any) -> Figures:
    return Figures(
        operator=row["operator"],
        counts={name: Count(row[name], row[f"{name}_stake"]) for name in FATES},
        outcomes=row["outcomes"] or {},
        times={name: row[name] for name in TIMES},
    )
