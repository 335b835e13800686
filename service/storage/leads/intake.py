"""Storing new leads: those of concurrent requests in one statement, one commit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from service.batching import Batcher
from service.leads.context import CustomerContext
from service.leads.errors import StorageFailed
from service.leads.lead import Lead
from service.storage.customers.customers import context_of
from service.storage.database import Database
from service.storage.json_rows import as_json
from service.storage.leads.duplicates import Sender
from service.storage.rows import new_row

ROWS = 32
ONE_OPEN_LEAD = "lead_identities_open_key"
COLUMNS = [
    "id", "version", "state", "created_at", "created_by", "changed_at", "idempotency_key",
    "request_digest", "queue", "channel", "received_at", "stated_kind", "source", "external_id",
    "live", "customer_id", "customer", "text", "items", "budget", "urgency", "needed_by", "vin",
    "stated_intent", "paid", "attributes", "task_campaign", "task_operator", "task_opened_at",
    "task_expires_at", "asked_at", "callback_due", "rush_cutoff_at",
    "rush_minutes", "owner", "owner_rule", "demanded_skills", "skills_rule", "credited_to",
    "assigned_to", "declined_by", "pinned_at", "kind", "intent", "chance", "observed_won",
    "observed_lost", "stage", "score", "cost_per_minute", "rank", "lane", "policy_version",
    "explanation", "timeline", "next_step_at", "late_at", "unanswered_calls", "split_from",
    "client_facts",
]  # fmt: skip

# One statement is one commit: the client's card, the lead, whose it is and its first event, or
# nothing. A client who is known by any identity to have an open lead opens no other.
INSERT = f"""
WITH sent AS (
    SELECT {", ".join(COLUMNS)} FROM json_populate_recordset(NULL::leads, $1::text::json)
), cards AS (
    SELECT * FROM json_populate_recordset(NULL::customers, $2::text::json)
), clients AS (
    SELECT queue, identity, lead_id
    FROM json_populate_recordset(NULL::lead_identities, $3::text::json)
), known_clients AS (
    -- the open lead and the last one that ended, each found by the index: LIMIT forbids a join
    SELECT clients.lead_id AS arriving, known.lead_id, known.open
    FROM clients, LATERAL (
        SELECT lead_id, open FROM lead_identities
        WHERE queue = clients.queue AND identity = clients.identity
        ORDER BY open DESC, lead_id DESC LIMIT 2
    ) AS known
), new_cards AS (
    INSERT INTO customers (external_id, name, phone, email, messengers, created_at, changed_at)
    SELECT external_id, name, phone, email, messengers, changed_at, changed_at FROM cards
    ON CONFLICT DO NOTHING
    RETURNING external_id
), added AS (
    INSERT INTO leads ({", ".join(COLUMNS)}, follows)
    SELECT sent.*, (
        SELECT lead_id FROM known_clients WHERE arriving = sent.id ORDER BY lead_id DESC LIMIT 1
    )
    FROM sent
    WHERE id NOT IN (SELECT arriving FROM known_clients WHERE open)
        AND NOT EXISTS (
            SELECT FROM lead_signals AS kept WHERE kept.sort = 'joined' AND (
                kept.source = sent.source AND kept.external_id = sent.external_id
            )
        )
        AND NOT EXISTS (
            SELECT FROM lead_signals AS kept WHERE kept.sort = 'joined' AND (
                kept.created_by = sent.created_by AND kept.idempotency_key = sent.idempotency_key
            )
        )
    ON CONFLICT DO NOTHING
    RETURNING id, created_at, created_by, customer_id, follows
), kept_clients AS (
    INSERT INTO lead_identities (queue, identity, lead_id, open)
    SELECT clients.queue, clients.identity, added.id, true
    FROM clients JOIN added ON added.id = clients.lead_id
    ORDER BY clients.queue, clients.identity -- as every batch does, against deadlocks
), known_cards AS MATERIALIZED ( -- locked in order, so that two batches cannot deadlock
    SELECT external_id, context FROM customers
    WHERE external_id = ANY (ARRAY(SELECT customer_id FROM added))
        AND (SELECT count(*) FROM new_cards) >= 0 -- so these come first: cards, then identities
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
        AND customers.external_id = ANY (ARRAY(SELECT external_id FROM known_cards))
), told AS (
    INSERT INTO lead_events (lead_id, at, type, actor, state_after)
    SELECT id, created_at, 'lead.received', created_by, 'waiting' FROM added
)
SELECT added.id, added.follows, known_cards.context
FROM added LEFT JOIN known_cards ON known_cards.external_id = added.customer_id
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A lead that has just come, who sent it, and by what its client is known."""

    lead: Lead
    sender: Sender
    identities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """A lead was committed; `context` is its client's card at that moment.

    `follows` is the last lead of the same client that is over.
    """

    context: CustomerContext | None
    follows: UUID | None = None


class Intake:
    """Where new leads are written down."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch: Batcher[Arrival, Added | None] = Batcher(self._carry, size=ROWS)

    async def add(self, arrival: Arrival) -> Added | None:
        """Commit a new lead.

        None when the sender's id or idempotency key is known already, or the client has an open
        lead by one of their identities.
        """
        return await self._batch.submit(arrival)

    async def _carry(self, arrivals: Sequence[Arrival]) -> Sequence[Added | Exception | None]:
        """A batch that fails for one lead's sake must not fail the others: then one by one."""
        try:
            return await self._insert(arrivals)
        except StorageFailed as error:
            if len(arrivals) == 1:
                came_meanwhile = error.constraint == ONE_OPEN_LEAD
                return [None if came_meanwhile else error]
            return [(await self._carry([arrival]))[0] for arrival in arrivals]

    async def _insert(self, arrivals: Sequence[Arrival]) -> list[Added | None]:
        # Sorted, so that two batches with the same leads wait for each other and do not deadlock.
        rows = sorted((_row(arrival) for arrival in arrivals), key=_sender_key)
        clients = sorted(client for arrival in arrivals for client in _clients(arrival))
        cards = {row["customer_id"]: row for row in rows if row["customer_id"] is not None}
        added: list[asyncpg.Record] = await self._database.fetch(
            INSERT,
            as_json(rows),
            as_json([_card(cards[card]) for card in sorted(cards)]),
            as_json(
                [{"queue": item[0], "identity": item[1], "lead_id": item[2]} for item in clients]
            ),
        )
        found = {
            record["id"]: Added(_context_of(record["context"]), record["follows"])
            for record in added
        }
        return [found.get(arrival.lead.id) for arrival in arrivals]


def _row(arrival: Arrival) -> dict[str, Any]:
    lead, digest = arrival.lead, arrival.sender.request_digest
    return {
        **new_row(lead, created_by=arrival.sender.name, changed_at=lead.created_at),
        "idempotency_key": arrival.sender.idempotency_key,
        "request_digest": None if digest is None else f"\\x{digest.hex()}",
    }


def _clients(arrival: Arrival) -> Iterator[tuple[str, str, str]]:
    for identity in arrival.identities:
        yield arrival.lead.signal.queue, identity, str(arrival.lead.id)


def _context_of(spec: Mapping[str, Any] | None) -> CustomerContext | None:
    return None if spec is None else context_of(spec)


def _sender_key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["source"], row["external_id"] or "", row["idempotency_key"] or ""


def _card(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row["customer"], "changed_at": row["changed_at"]}
