"""What is stored with each claim: its reasons, and the input to repeat its ranking.

The details of a `lead.claimed` event are `{"decision", "situation", "explanation"}`. `situation`
has the columns of `SITUATION`; all other data of the lead are in its row.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from service.leads.errors import LeadNotFound
from service.leads.lead import Lead
from service.leads.unchanging import unchanging
from service.ranking.decision import Decision
from service.storage.database import Connection
from service.storage.json_rows import as_json
from service.storage.rows import Row, input_columns, lead_of, ranking_columns
from service.storage.tables import lead_events

CLAIMED, CHANGED = "lead.claimed", "lead.changed"
BY_ID = "asked for by id"
SITUATION = (
    *("asked_at", "callback_due", "rush_cutoff_at", "rush_minutes"),
    *("observed_won", "observed_lost"),
    *("owner", "owner_rule", "demanded_skills", "skills_rule", "credited_to"),
    *("assigned_to", "declined_by", "pinned_at", "asked_skills"),
    *("promised_at", "parked_for", "parked_by", "talked_at", "unanswered_since", "client_facts"),
)
_NAMED = ", ".join(f"'{name}', claimed.{name}" for name in SITUATION)
DETAILS = (
    f"json_build_object('decision', free.decision, 'situation', json_build_object({_NAMED}),"
    " 'explanation', claimed.explanation)"
)
"""The details in SQL, of a row `claimed` and of `free.decision`."""

# Columns that did not change keep the value of the row.
AS_IT_WAS = "SELECT (json_populate_record(leads, :facts)).* FROM leads WHERE id = :id"


@unchanging
class ClaimEvent:
    """A stored claim; None for fields that an earlier version did not store."""

    id: int
    lead_id: UUID
    at: datetime
    operator: str
    decision: Decision | None
    situation: Mapping[str, Any] | None
    explanation: Mapping[str, Any] | None


def claim_details(lead: Lead, decision: Decision) -> dict[str, object]:
    """The details of the event of a claim of this lead."""
    columns = {**input_columns(lead.situation), **ranking_columns(lead.ranking)}
    return {
        "decision": decision,
        "situation": {name: columns[name] for name in SITUATION},
        "explanation": lead.ranking.explanation,
    }


async def last_claim(connection: Connection, lead_id: UUID) -> ClaimEvent | None:
    """The current or last claim of a lead; None when nobody ever claimed it."""
    statement = (
        select(lead_events)
        .where(lead_events.c.lead_id == lead_id, lead_events.c.type == CLAIMED)
        .order_by(lead_events.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else _claim_of(row)


async def last_decision(connection: Connection, lead_id: UUID) -> Decision | None:
    """Why a lead was given to its current or last holder."""
    claim = await last_claim(connection, lead_id)
    return None if claim is None else claim.decision


async def find_claim(connection: Connection, event_id: int) -> ClaimEvent:
    """The claim that an event records; raises LeadNotFound when there is no such event."""
    statement = select(lead_events).where(lead_events.c.id == event_id)
    row = (await connection.execute(statement)).mappings().first()
    if row is None or row["type"] != CLAIMED:
        raise LeadNotFound(f"No claim has the event id {event_id}.")
    return _claim_of(row)


async def lead_at_claim(connection: Connection, claim: ClaimEvent) -> Lead:
    """The lead with the facts and the ranking input of the time of its claim.

    Its ranking is the current one of the row.
    """
    facts: dict[str, Any] = {}
    statement = (
        select(lead_events.c.details)
        .where(
            lead_events.c.lead_id == claim.lead_id,
            lead_events.c.id > claim.id,
            lead_events.c.type == CHANGED,
        )
        .order_by(lead_events.c.id.desc())
    )
    for details in await connection.scalars(statement):
        facts |= (details or {}).get("before") or {}
    sent = as_json({**facts, **(claim.situation or {})})
    found = await connection.execute(text(AS_IT_WAS), {"id": claim.lead_id, "facts": sent})
    return lead_of(found.mappings().one())


def _claim_of(row: Row) -> ClaimEvent:
    details = row["details"] or {}
    return ClaimEvent(
        id=row["id"],
        lead_id=row["lead_id"],
        at=row["at"],
        operator=row["actor"],
        decision=details.get("decision"),
        situation=details.get("situation"),
        explanation=details.get("explanation"),
    )
