"""Deletes old data in batches: first texts, then events, then the leads.

Each batch is one statement for a few hundred leads, found by the index of settled leads. The
reached point of a queue's texts and events is stored, so no batch reads the same leads again.
"""

from collections.abc import Collection
from datetime import datetime

from service.storage.customers.erasing import KEPT_DETAILS
from service.storage.database import Database

BATCH = 200
GONE = "the words are no longer kept"

# Leads that were joined into a deleted lead are deleted with it.
_GONE = """
gone (id) AS (
    SELECT id FROM old
    UNION SELECT part.id FROM gone JOIN leads AS part ON part.joined_into = gone.id
)
"""
LEADS = f"""
WITH RECURSIVE old AS MATERIALIZED (
    SELECT id FROM leads WHERE queue = $1 AND state = 'settled' AND settled_at < $2
    ORDER BY settled_at LIMIT $3 FOR UPDATE SKIP LOCKED
), {_GONE}, marks AS (
    DELETE FROM lead_identities WHERE lead_id IN (SELECT id FROM gone)
), signals AS (
    DELETE FROM lead_signals WHERE lead_id IN (SELECT id FROM gone)
), events AS (
    DELETE FROM lead_events WHERE lead_id IN (SELECT id FROM gone)
), told AS (
    DELETE FROM calls WHERE lead_id IN (SELECT id FROM gone)
), whole AS (
    DELETE FROM leads WHERE id IN (SELECT id FROM gone)
)
SELECT id FROM old
"""
_NEXT = """
old AS MATERIALIZED (
    SELECT id, settled_at FROM leads
    WHERE queue = $1 AND state = 'settled' AND settled_at < $2 AND (settled_at, id) > (
        SELECT coalesce(max(settled_at), 'epoch'), coalesce(max(lead_id::text)::uuid, $4)
        FROM retention_horizons WHERE queue = $1 AND what = $5
    )
    ORDER BY settled_at, id LIMIT $3
)
"""
_REACHED = """
reached AS (
    INSERT INTO retention_horizons (queue, what, settled_at, lead_id)
    SELECT $1, $5, settled_at, id FROM old ORDER BY settled_at DESC, id DESC LIMIT 1
    ON CONFLICT (queue, what) DO UPDATE
        SET settled_at = excluded.settled_at, lead_id = excluded.lead_id
)
"""
EVENTS = f"""
WITH RECURSIVE {_NEXT}, {_GONE}, {_REACHED}, events AS (
    DELETE FROM lead_events WHERE lead_id IN (SELECT id FROM gone)
)
SELECT id FROM old
"""
WORDS = f"""
WITH RECURSIVE {_NEXT}, {_GONE}, {_REACHED}, of_leads AS (
    UPDATE leads SET
        text = NULL, items = NULL, vin = NULL, attributes = NULL, show = NULL, note = NULL,
        reading = NULL,
        customer = customer - 'mentioned',
        reason = CASE WHEN reason = ANY ($6::text[]) THEN reason
            WHEN reason IS NOT NULL THEN $8::text END,
        explanation = jsonb_set(explanation::jsonb, '{{text}}', 'null')::json
    WHERE id IN (SELECT id FROM gone)
), of_signals AS (
    UPDATE lead_signals SET facts = facts || (
        SELECT coalesce(jsonb_object_agg(name, NULL), '{{}}')
        FROM unnest(ARRAY['text', 'items', 'vin', 'attributes', 'show']) AS name WHERE facts ? name
    )
    WHERE lead_id IN (SELECT id FROM gone)
), of_events AS (
    UPDATE lead_events SET
        reason = CASE WHEN reason = ANY ($6::text[]) THEN reason END,
        details = (
            SELECT json_object_agg(key, value) FROM json_each(details) WHERE key = ANY ($7::text[])
        )
    WHERE lead_id IN (SELECT id FROM gone) AND (reason IS NOT NULL OR details IS NOT NULL)
)
SELECT id FROM old
"""
QUEUE_EVENTS = """
DELETE FROM queue_events WHERE id IN (
    SELECT id FROM (
        SELECT id, at FROM queue_events WHERE queue = $1 ORDER BY id LIMIT $3
    ) AS oldest WHERE at < $2
)
RETURNING id
"""
CARDS = """
WITH old AS MATERIALIZED (
    SELECT external_id FROM customers AS card
    WHERE changed_at < $1 AND merged_into IS NULL
        AND NOT EXISTS (SELECT FROM leads WHERE customer_id = card.external_id)
        AND NOT EXISTS (SELECT FROM customers WHERE merged_into = card.external_id)
        AND NOT coalesce(context @? '$.orders[*] ? (@.state != "done")', false)
    ORDER BY changed_at LIMIT $2 FOR UPDATE SKIP LOCKED
), merges AS (
    DELETE FROM client_merges WHERE into_client IN (SELECT external_id FROM old)
)
DELETE FROM customers WHERE external_id IN (SELECT external_id FROM old) RETURNING external_id
"""
FIRST_ID = "00000000-0000-0000-0000-000000000000"


async def drop_leads(database: Database, queue: str, before: datetime) -> int:
    """Delete leads that were settled before a time, with all their rows; returns how many."""
    return len(await database.fetch(LEADS, queue, before, BATCH))


async def drop_events(database: Database, queue: str, before: datetime) -> int:
    """Delete the events of leads that were settled before a time; returns how many leads."""
    return len(await database.fetch(EVENTS, queue, before, BATCH, FIRST_ID, "events"))


async def drop_words(
    database: Database, queue: str, before: datetime, reasons: Collection[str]
) -> int:
    """Delete the texts of leads that were settled before a time; returns how many leads."""
    kept = ([*reasons], [*KEPT_DETAILS], GONE)
    return len(await database.fetch(WORDS, queue, before, BATCH, FIRST_ID, "texts", *kept))


async def drop_queue_events(database: Database, queue: str, before: datetime) -> int:
    """Delete a queue's events from before a time; returns how many."""
    return len(await database.fetch(QUEUE_EVENTS, queue, before, BATCH))


async def drop_cards(database: Database, before: datetime) -> int:
    """Delete cards without leads that were not changed since a time; returns how many."""
    return len(await database.fetch(CARDS, before, BATCH))
