"""Storing new leads: those of concurrent requests in one statement, one commit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from service.batching import Batch
from service.leads.context import CustomerContext
from service.leads.errors import StorageFailed
from service.leads.lead import Lead
from service.storage.customers import context_of
from service.storage.database import Database
from service.storage.json_rows import as_json
from service.storage.rows import lead_of, new_row
from service.storage.tables import leads

ROWS = 32
COLUMNS = [
    "id", "version", "state", "created_at", "created_by", "changed_at", "idempotency_key",
    "request_digest", "queue", "channel", "received_at", "stated_kind", "source", "external_id",
    "live", "customer_id", "customer", "text", "items", "budget", "urgency", "needed_by", "vin",
    "stated_intent", "paid", "attributes", "task_campaign", "task_operator", "task_opened_at",
    "task_expires_at", "asked_at", "callback_due", "rush_cutoff_at",
    "rush_minutes", "owner", "owner_rule", "demanded_skills", "skills_rule", "credited_to",
    "assigned_to", "declined_by", "pinned_at", "kind", "intent", "chance", "observed_won",
    "observed_lost", "stage", "score", "cost_per_minute", "rank", "lane", "policy_version",
    "explanation", "timeline", "next_step_at", "late_at", "unanswered_calls",
]  # fmt: skip

# One statement is one commit: the client's card, the lead and its first event, or nothing.
INSERT = f"""
WITH sent AS (
    SELECT {", ".join(COLUMNS)} FROM json_populate_recordset(NULL::leads, $1::text::json)
), cards AS (
    SELECT * FROM json_populate_recordset(NULL::customers, $2::text::json)
), new_cards AS (
    INSERT INTO customers (external_id, name, phone, email, messengers, created_at, changed_at)
    SELECT external_id, name, phone, email, messengers, changed_at, changed_at FROM cards
    ON CONFLICT DO NOTHING
), added AS (
    INSERT INTO leads ({", ".join(COLUMNS)}) SELECT * FROM sent
    ON CONFLICT DO NOTHING
    RETURNING id, created_at, created_by, customer_id
), known_cards AS MATERIALIZED ( -- locked in order, so that two batches cannot deadlock
    SELECT external_id, context FROM customers
    WHERE external_id IN (SELECT customer_id FROM added)
    ORDER BY external_id FOR NO KEY UPDATE
), fresher_cards AS (
    UPDATE customers SET
        name = coalesce(cards.name, customers.name),
        phone = coalesce(cards.phone, customers.phone),
        email = coalesce(cards.email, customers.email),
        messengers = coalesce(customers.messengers, '{{}}') || coalesce(cards.messengers, '{{}}'),
        changed_at = cards.changed_at
    FROM cards
    WHERE customers.external_id = cards.external_id
        AND customers.external_id IN (SELECT external_id FROM known_cards)
), told AS (
    INSERT INTO lead_events (lead_id, at, type, actor, state_after)
    SELECT id, created_at, 'lead.received', created_by, 'waiting' FROM added
)
SELECT added.id, known_cards.context
FROM added LEFT JOIN known_cards ON known_cards.external_id = added.customer_id
"""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a signal, and how he would be known to repeat himself."""

    name: str
    idempotency_key: str | None = None
    request_digest: bytes | None = None
    may_read: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A lead that has just come, and who sent it."""

    lead: Lead
    sender: Sender


@dataclass(frozen=True, slots=True)
class Added:
    """A lead was committed; `context` is what its client's card said at that moment."""

    context: CustomerContext | None


@dataclass(frozen=True, slots=True)
class Known:
    """The lead that an earlier request of the same sender brought."""

    lead: Lead
    created_by: str
    idempotency_key: str | None
    request_digest: bytes | None


class Intake:
    """Where new leads are written down."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch: Batch[Arrival, Added | None] = Batch(self._carry, size=ROWS)

    async def add(self, arrival: Arrival) -> Added | None:
        """Commit a new lead; None when the sender's id or idempotency key is known already."""
        return await self._batch.submit(arrival)

    async def known(self, arrival: Arrival) -> Known | None:
        """The lead that stands in the way of an arrival, the one of its idempotency key first."""
        async with self._database.transaction() as connection:
            for same in _sames(arrival):
                row = (await connection.execute(select(leads).where(same))).mappings().first()
                if row is not None:
                    key, digest = row["idempotency_key"], row["request_digest"]
                    return Known(lead_of(row), row["created_by"], key, digest)
        return None

    async def _carry(self, arrivals: Sequence[Arrival]) -> Sequence[Added | Exception | None]:
        """A batch that fails for one lead's sake must not fail the others: then one by one."""
        try:
            return await self._insert(arrivals)
        except StorageFailed as error:
            if len(arrivals) == 1:
                return [error]
            return [(await self._carry([one]))[0] for one in arrivals]

    async def _insert(self, arrivals: Sequence[Arrival]) -> list[Added | None]:
        # Sorted, so that two batches with the same leads wait for each other and do not deadlock.
        rows = sorted((_row(one) for one in arrivals), key=_sender_key)
        cards = {row["customer_id"]: row for row in rows if row["customer_id"] is not None}
        added: list[asyncpg.Record] = await self._database.fetch(
            INSERT, as_json(rows), as_json([_card(cards[one]) for one in sorted(cards)])
        )
        found = {record["id"]: Added(_context_of(record["context"])) for record in added}
        return [found.get(one.lead.id) for one in arrivals]


def _sames(arrival: Arrival) -> Iterator[ColumnElement[bool]]:
    """The ways in which a lead can be the same one, each of them unique."""
    signal, sender = arrival.lead.signal, arrival.sender
    if sender.idempotency_key is not None:
        yield (leads.c.created_by == sender.name) & (
            leads.c.idempotency_key == sender.idempotency_key
        )
    if signal.external_id is not None:
        yield (leads.c.source == signal.source) & (leads.c.external_id == signal.external_id)


def _row(arrival: Arrival) -> dict[str, Any]:
    lead, digest = arrival.lead, arrival.sender.request_digest
    return {
        **new_row(lead, created_by=arrival.sender.name, changed_at=lead.created_at),
        "idempotency_key": arrival.sender.idempotency_key,
        "request_digest": None if digest is None else f"\\x{digest.hex()}",
    }


def _context_of(said: Mapping[str, Any] | None) -> CustomerContext | None:
    return None if said is None else context_of(said)


def _sender_key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["source"], row["external_id"] or "", row["idempotency_key"] or ""


def _card(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row["customer"], "changed_at": row["changed_at"]}
