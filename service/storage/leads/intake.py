"""Stores new leads: one statement and one commit for concurrent requests."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from service.batching import Batcher
from service.leads.errors import StorageFailed
from service.leads.identity import Evidence
from service.leads.lead import Lead, Signal
from service.leads.unchanging import unchanging
from service.matching.marks import Mark
from service.matching.recognition import UNSURE
from service.rules.need import Need
from service.storage.customers.marked_cards import CARDS_OF_MARK
from service.storage.customers.marks import MAX_MARKS
from service.storage.customers.tombstones import Hashed
from service.storage.database import Database
from service.storage.json_rows import as_json
from service.storage.leads.duplicates import Sender
from service.storage.rows import new_row
from service.tracing.spans import traceparent

ROWS = 32
PATIENCE_SECONDS = 0.03  # a batch takes less, unless it waits for a lock
MAX_LOOKED_AT = 50
ONE_OPEN_LEAD = "lead_identities_open_key"
COLUMNS = [
    "id", "version", "state", "created_at", "created_by", "changed_at", "idempotency_key",
    "request_digest", "queue", "channel", "received_at", "stated_kind", "source", "external_id",
    "live", "customer_id", "customer", "text", "items", "budget", "budget_is_limited", "currency",
    "urgency", "needed_by", "vin", "stated_intent", "paid", "attributes", "show",
    "task_campaign", "task_operator", "task_opened_at", "task_expires_at",
    "asked_at", "callback_due", "rush_cutoff_at",
    "rush_minutes", "owner", "owner_rule", "demanded_skills", "skills_rule", "credited_to",
    "assigned_to", "declined_by", "pinned_at", "kind", "intent", "chance", "observed_won",
    "observed_lost", "stage", "score", "cost_per_minute", "rank", "lane", "policy_version",
    "explanation", "timeline", "next_step_at", "late_at", "line_flags", "work_minutes",
    "rush_number", "reading", "unanswered_calls", "split_from", "client_facts", "possibly_same",
]  # fmt: skip

# One statement is one commit: the client's card, the lead, its marks and its first event, or
# nothing. A client with an open lead, by any mark, opens no second one. A lead is added only if it
# was ranked with the cards that have its marks now; otherwise it is `stale`.
INSERT = f"""
WITH sent AS (
    SELECT {", ".join(COLUMNS)} FROM json_populate_recordset(NULL::leads, $1::text::json)
), cards AS (
    SELECT *, external_id = ANY($7::text[]) AS replaces -- else what is known stays
    FROM json_populate_recordset(NULL::customers, $2::text::json)
), clients AS (
    SELECT * FROM json_to_recordset($3::text::json) AS (
        queue text, identity text, lead_id uuid, strength smallint, contested bool, joins bool,
        teaches bool, talks_since timestamptz
    )
), seen AS (
    SELECT * FROM json_to_recordset($4::text::json) AS (lead_id uuid, card text, version int)
), buried AS MATERIALIZED (
    -- of clients who were erased after it was written, or signals that were erased themselves
    SELECT DISTINCT hashed.lead_id
    FROM json_to_recordset($6::text::json) AS hashed (lead_id uuid, digest text, at timestamptz),
    LATERAL (
        SELECT FROM tombstones WHERE digest = decode(hashed.digest, 'hex')
            AND (hashed.at IS NULL OR tombstones.at >= hashed.at) LIMIT 1
    ) AS found
), known_clients AS (
    -- the open lead and the last one that ended, each found by the index: LIMIT forbids a join; an
    -- open one before so many others is found by the index of open ones, when this is inserted
    SELECT clients.lead_id AS arriving, known.lead_id, known.open
    FROM (SELECT * FROM clients WHERE joins AND NOT contested) AS clients, LATERAL (
        SELECT lead_id, open FROM (
            SELECT lead_id, open OR contested AS open FROM lead_identities
            WHERE queue = clients.queue AND identity = clients.identity
            ORDER BY lead_id DESC LIMIT {MAX_LOOKED_AT}
        ) AS newest
        ORDER BY open DESC, lead_id DESC LIMIT 2
    ) AS known
), fresh AS MATERIALIZED (
    SELECT * FROM sent
    WHERE id NOT IN (SELECT lead_id FROM buried)
        AND id NOT IN (SELECT arriving FROM known_clients WHERE open)
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
), hits AS MATERIALIZED (
    -- the cards that have the marks now; what was merged into another card is part of it
    SELECT DISTINCT clients.lead_id, coalesce(part.merged_into, part.external_id) AS card
    FROM (SELECT * FROM clients WHERE lead_id IN (SELECT id FROM fresh)) AS clients, LATERAL (
        {CARDS_OF_MARK.format(mark="clients.identity")}
    ) AS marked, LATERAL (
        SELECT external_id, merged_into FROM customers
        WHERE customers.external_id = marked.external_id LIMIT 1
    ) AS part
), known_cards AS MATERIALIZED (
    -- locked in order, so that two batches cannot deadlock, and read as they are once locked
    SELECT external_id, version FROM customers
    WHERE external_id = ANY (ARRAY(
        SELECT card FROM hits UNION SELECT customer_id FROM fresh WHERE customer_id IS NOT NULL
    ))
    ORDER BY external_id FOR NO KEY UPDATE
), stale AS MATERIALIZED (
    (SELECT lead_id FROM (
        SELECT hits.lead_id, card, version FROM hits
        LEFT JOIN known_cards ON known_cards.external_id = hits.card
        EXCEPT SELECT * FROM seen
    ) AS not_seen)
    UNION (SELECT lead_id FROM (
        SELECT * FROM seen WHERE lead_id IN (SELECT id FROM fresh)
        EXCEPT SELECT hits.lead_id, card, version FROM hits
        JOIN known_cards ON known_cards.external_id = hits.card
    ) AS gone)
    UNION ( -- somebody talked with them lately, though they have no card (rule A9)
        SELECT lead_id FROM clients
        WHERE talks_since IS NOT NULL AND lead_id IN (SELECT id FROM fresh) AND EXISTS (
            SELECT FROM lead_identities AS talk
            WHERE talk.queue = clients.queue AND talk.identity = clients.identity
                AND talk.talked_at > clients.talks_since
        )
    )
), new_cards AS (
    INSERT INTO customers (
        external_id, name, phone, email, messengers, created_at, changed_at, marks_read_at
    )
    SELECT external_id, name, phone, email, messengers, changed_at, changed_at, changed_at
    FROM cards
    WHERE (SELECT count(*) FROM known_cards) >= 0 -- so those are locked first, then these come
    ORDER BY external_id
    ON CONFLICT DO NOTHING
    RETURNING external_id
), added AS (
    INSERT INTO leads ({", ".join(COLUMNS)}, follows)
    SELECT fresh.*, (
        SELECT lead_id FROM known_clients WHERE arriving = fresh.id AND NOT open
        ORDER BY lead_id DESC LIMIT 1
    )
    FROM fresh
    WHERE (SELECT count(*) FROM new_cards) >= 0 -- so these come first: cards, leads, marks
        AND id NOT IN (SELECT lead_id FROM stale)
        AND (
            customer_id IS NULL
            OR customer_id IN (SELECT external_id FROM known_cards)
            OR customer_id IN (SELECT external_id FROM new_cards) -- else it came meanwhile
        )
    ON CONFLICT DO NOTHING
    RETURNING id, created_at, created_by, customer_id, follows
), kept_clients AS (
    INSERT INTO lead_identities (queue, identity, lead_id, strength, open, contested)
    SELECT clients.queue, clients.identity, added.id, strength, NOT contested, contested
    FROM clients JOIN added ON added.id = clients.lead_id AND clients.joins
    ORDER BY clients.queue, clients.identity -- as every batch does, against deadlocks
    RETURNING lead_id
), learnt AS (
    INSERT INTO customer_marks (mark, external_id, origin, strength, at)
    SELECT clients.identity, added.customer_id, 'learned', clients.strength, added.created_at
    FROM added JOIN clients ON clients.lead_id = added.id AND clients.teaches
    WHERE (SELECT count(*) FROM kept_clients) >= 0 -- after the marks of leads
        AND added.customer_id IS NOT NULL AND clients.identity NOT LIKE 'customer:%'
        AND NOT EXISTS (
            SELECT FROM customer_marks
            WHERE mark = clients.identity AND external_id = added.customer_id
        )
        AND (
            SELECT count(*) FROM customer_marks WHERE external_id = added.customer_id
        ) < {MAX_MARKS}
    ORDER BY clients.identity, added.customer_id
    ON CONFLICT DO NOTHING
), fresher_cards AS (
    UPDATE customers SET
        name = CASE WHEN replaces THEN coalesce(cards.name, customers.name)
            ELSE coalesce(customers.name, cards.name) END,
        phone = CASE WHEN replaces THEN coalesce(cards.phone, customers.phone)
            ELSE coalesce(customers.phone, cards.phone) END,
        email = CASE WHEN replaces THEN coalesce(cards.email, customers.email)
            ELSE coalesce(customers.email, cards.email) END,
        messengers = CASE WHEN replaces
            THEN coalesce(customers.messengers, '{{}}') || coalesce(cards.messengers, '{{}}')
            ELSE coalesce(cards.messengers, '{{}}') || coalesce(customers.messengers, '{{}}') END,
        changed_at = cards.changed_at
    FROM cards
    WHERE customers.external_id = cards.external_id
        AND customers.external_id = ANY (ARRAY(SELECT external_id FROM known_cards))
        AND customers.external_id = ANY (ARRAY(SELECT customer_id FROM added))
), told AS (
    INSERT INTO lead_events (lead_id, at, type, actor, state_after, traceparent)
    SELECT id, created_at, 'lead.received', created_by, 'waiting', $5::text::json ->> id::text
    FROM added
)
SELECT id, follows, false AS stale, false AS erased FROM added
UNION ALL SELECT lead_id, NULL, true, false FROM stale
UNION ALL SELECT lead_id, NULL, false, true FROM buried
"""


@unchanging
class Arrival:
    """A new lead with its sender, its need as it was understood, and its client's marks.

    `seen` are the cards, with versions, that it was ranked with; empty when nobody looked. It joins
    by the evidence in `joins_by`. Open leads of other clients have the `contested` marks too. The
    card learns marks with a strength number of at least `teaches_from`: none that is stronger than
    the mark that found the card. If nobody has looked for talks yet, a talk after `talks_since`
    makes the lead stale. The `hashes` show whether its client was erased.
    """

    lead: Lead
    sender: Sender
    need: Need
    marks: tuple[Mark, ...] = ()
    seen: tuple[tuple[str, int], ...] = ()
    joins_by: frozenset[Evidence] = frozenset()
    contested: frozenset[str] = frozenset()
    teaches_from: int = UNSURE
    traceparent: str | None = field(default_factory=traceparent)
    talks_since: datetime | None = None
    hashes: tuple[Hashed, ...] = ()


@unchanging
class Added:
    """The result for a new lead; `follows` is the last settled lead of the same client.

    A `stale` lead was not stored; it must be ranked with the cards that have its marks now. A lead
    whose client was `erased` was not stored either.
    """

    follows: UUID | None = None
    stale: bool = False
    erased: bool = False


class Intake:
    """Stores new leads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch: Batcher[Arrival, Added | None] = Batcher(
            self._carry, name="intake", size=ROWS, patience_seconds=PATIENCE_SECONDS
        )

    async def add(self, arrival: Arrival) -> Added | None:
        """Commit a new lead.

        None when the sender's id or idempotency key is already known, or when the client has an
        open lead by one of their marks.
        """
        return await self._batch.submit(arrival)

    async def _carry(self, arrivals: Sequence[Arrival]) -> Sequence[Added | Exception | None]:
        """If a batch fails because of one lead, each lead is tried alone, so the others succeed."""
        try:
            return await self._insert(arrivals)
        except StorageFailed as error:
            if len(arrivals) == 1:
                came_meanwhile = error.constraint == ONE_OPEN_LEAD
                return [None if came_meanwhile else error]
            return [(await self._carry([arrival]))[0] for arrival in arrivals]

    async def _insert(self, arrivals: Sequence[Arrival]) -> list[Added | None]:
        # Sorted, so that two batches with the same leads wait for each other without a deadlock.
        rows = sorted((_row(arrival) for arrival in arrivals), key=_sender_key)
        clients = [client for arrival in arrivals for client in _clients(arrival)]
        named = {arrival.lead.id for arrival in arrivals if names_card(arrival.lead.signal)}
        replacing = {item.lead.id for item in arrivals if item.sender.may_report_orders}
        surest_last = sorted(rows, key=lambda row: row["id"] in replacing)
        cards = {row["customer_id"]: row for row in surest_last if row["id"] in named}
        added: list[asyncpg.Record] = await self._database.fetch(
            INSERT,
            as_json(rows),
            as_json([_card(cards[card]) for card in sorted(cards)]),
            as_json(clients),
            as_json([row for arrival in arrivals for row in _seen(arrival)]),
            as_json({str(item.lead.id): item.traceparent for item in arrivals if item.traceparent}),
            as_json([row for arrival in arrivals for row in _hashed(arrival)]),
            [card for card, row in cards.items() if row["id"] in replacing],
        )
        found = {
            record["id"]: Added(record["follows"], record["stale"], record["erased"])
            for record in added
        }
        return [found.get(arrival.lead.id) for arrival in arrivals]


def names_card(signal: Signal) -> bool:
    """Whether the signal itself has the client's number in the shop's system."""
    client = signal.customer
    if client is None or client.external_id is None:
        return False
    return client.recognised is None or Evidence.CUSTOMER in client.recognised.by


def _row(arrival: Arrival) -> dict[str, Any]:
    lead, digest = arrival.lead, arrival.sender.request_digest
    return {
        **new_row(lead, created_by=arrival.sender.name, changed_at=lead.created_at),
        "idempotency_key": arrival.sender.idempotency_key,
        "request_digest": None if digest is None else f"\\x{digest.hex()}",
    }


def _clients(arrival: Arrival) -> Iterator[dict[str, Any]]:
    for mark in arrival.marks:
        yield {
            "queue": arrival.lead.signal.queue,
            "identity": mark.identity,
            "lead_id": arrival.lead.id,
            "contested": mark.identity in arrival.contested,
            "strength": mark.strength,
            "joins": mark.evidence in arrival.joins_by,
            "teaches": mark.strength >= arrival.teaches_from
            and mark.identity not in arrival.contested,
            "talks_since": arrival.talks_since,
        }


def _seen(arrival: Arrival) -> Iterator[dict[str, Any]]:
    for card, version in arrival.seen:
        yield {"lead_id": arrival.lead.id, "card": card, "version": version}


def _hashed(arrival: Arrival) -> Iterator[dict[str, Any]]:
    for item in arrival.hashes:
        yield {"lead_id": arrival.lead.id, "digest": item.digest.hex(), "at": item.at}


def _sender_key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["source"], row["external_id"] or "", row["idempotency_key"] or ""


def _card(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row["customer"], "changed_at": row["changed_at"]}
