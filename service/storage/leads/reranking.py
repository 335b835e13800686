"""Stores the new places of leads, after some time or under a new policy, in batches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from service.leads.lead import Lead, Ranking, RankingInput
from service.rules.policy import Policy
from service.slices import in_slices
from service.storage.database import Database
from service.storage.json_rows import as_json
from service.storage.rows import input_columns, lead_of, ranking_columns
from service.storage.tables import leads

BATCH = 500
SHARES = 4
COLUMNS = (
    *("kind", "intent", "chance", "observed_won", "observed_lost", "stage", "score"),
    *("cost_per_minute", "rank", "lane", "policy_version", "explanation", "timeline"),
    *(
        "next_step_at",
        "late_at",
        "line_flags",
        "work_minutes",
        "rush_number",
        "reading",
        "rush_cutoff_at",
        "rush_minutes",
    ),
    *("owner", "owner_rule", "demanded_skills", "skills_rule", "credited_to"),
)

# Guarded by the version: a lead that changed meanwhile is skipped, and found again later.
RESTAND = f"""
WITH sent AS (
    SELECT * FROM json_populate_recordset(NULL::leads, $1::text::json)
), moved AS (
    UPDATE leads SET {", ".join(f"{name} = sent.{name}" for name in COLUMNS)},
        version = leads.version + 1, changed_at = $3
    FROM sent
    WHERE leads.id = sent.id AND leads.version = sent.version
        AND leads.state = ANY('{{waiting,claimed,parked}}')
    RETURNING leads.id, leads.state
), told AS (
    INSERT INTO lead_events
        (lead_id, at, type, actor, reason, state_before, state_after, details)
    SELECT moved.id, $3, news.type, 'nextlead', news.reason, moved.state, moved.state,
        news.details
    FROM moved JOIN json_to_recordset($2::text::json)
        AS news (id uuid, type text, reason text, details json) USING (id)
)
SELECT id FROM moved
"""

DUE_STEPS = """
SELECT * FROM leads
WHERE state IN ('waiting', 'claimed') AND next_step_at <= $1
ORDER BY next_step_at LIMIT $2
"""

SOME_OUTDATED = """
SELECT 1 FROM leads
WHERE queue = $1 AND (policy_version, rush_number) < ($2, $3)
    AND state IN ('waiting', 'claimed', 'parked')
LIMIT 1
"""

# One share of them, by the last byte of their ids, which is random. Their explanations are long
# and not needed.
OUTDATED = f"""
SELECT {", ".join(column.name for column in leads.c if column.name != "explanation")},
    '{{}}'::json AS explanation
FROM leads
WHERE queue = $1 AND (policy_version, rush_number) < ($2, $3)
    AND state IN ('waiting', 'claimed', 'parked')
    AND id > $4 AND get_byte(uuid_send(id), 15) % {SHARES} = $5
ORDER BY id LIMIT {BATCH}
"""

WAITING = """
SELECT * FROM leads
WHERE queue = $1 AND state = 'waiting' AND id > $2
ORDER BY id LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class Reranking:
    """A lead and its new place; with a `reason` its history records the change."""

    lead: Lead
    situation: RankingInput
    ranking: Ranking
    reason: str | None = None

    @property
    def moved(self) -> Lead:
        """The lead once this is stored."""
        return replace(
            self.lead,
            version=self.lead.version + 1,
            situation=self.situation,
            ranking=self.ranking,
        )

    @property
    def passed_on(self) -> bool:
        """Whether its lane changes, because its owner's time with it is over (rule B2)."""
        return self.lead.ranking.lane != self.ranking.lane

    @property
    def event_type(self) -> str:
        """The type of the event."""
        return "lead.passed_on" if self.passed_on else "lead.moved"

    @property
    def details(self) -> dict[str, object]:
        """The details of the event."""
        before, after = self.lead.ranking, self.ranking
        lanes = {"lane_before": before.lane, "lane_after": after.lane} if self.passed_on else {}
        return {"stage_before": before.stage, "stage_after": after.stage, **lanes}


async def store_reranked(
    database: Database, restandings: Sequence[Reranking], now: datetime
) -> list[Lead]:
    """Store new places; returns the leads that had not changed meanwhile, as they are now."""
    rows = as_json([_row(restanding) for restanding in restandings])
    news = as_json(
        [_news(restanding) for restanding in restandings if restanding.reason is not None]
    )
    moved = {row["id"] for row in await database.fetch(RESTAND, rows, news, now)}
    return [restanding.moved for restanding in restandings if restanding.lead.id in moved]


async def due_steps(database: Database, now: datetime, limit: int) -> list[Lead]:
    """Leads in line whose next step is due, the longest overdue first."""
    return await in_slices(lead_of, await database.fetch(DUE_STEPS, now, limit))


async def some_outdated(database: Database, queue: str, policy: Policy) -> bool:
    """Whether any open lead is not yet ranked by this policy version and its numbers."""
    return bool(await database.fetch(SOME_OUTDATED, queue, policy.version, policy.rush_number))


async def outdated(
    database: Database, queue: str, policy: Policy, share: int, after: UUID
) -> list[Lead]:
    """A batch of one share of the open leads that are not yet ranked by this policy version.

    Their explanations are left out. `after` is the last id of an earlier batch.
    """
    number = policy.rush_number
    rows = await database.fetch(OUTDATED, queue, policy.version, number, after, share)
    return await in_slices(lead_of, rows)


async def waiting_rows(
    database: Database, queue: str, after: UUID, limit: int
) -> list[dict[str, Any]]:
    """The rows of waiting leads; `after` is the last id of an earlier page."""
    return [{**row} for row in await database.fetch(WAITING, queue, after, limit)]


def _row(reranking: Reranking) -> dict[str, Any]:
    columns = {**input_columns(reranking.situation), **ranking_columns(reranking.ranking)}
    wanted = {name: columns[name] for name in COLUMNS}
    return {"id": str(reranking.lead.id), "version": reranking.lead.version, **wanted}


def _news(reranking: Reranking) -> dict[str, Any]:
    return {
        "id": str(reranking.lead.id),
        "type": reranking.event_type,
        "reason": reranking.reason,
        "details": reranking.details,
    }
