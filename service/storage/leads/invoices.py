"""Parked leads with cashless orders: the head is asked before their term ends (B16)."""

from datetime import datetime

from service.storage.database import Database

# Once for each term; the version stays, because nothing changes in the line.
ASK = """
WITH due AS (
    SELECT id, customer_id, parked_by, amount, invoice_ends_at FROM leads
    WHERE queue = $1 AND state = 'parked' AND invoice_ends_at <= $3
    ORDER BY invoice_ends_at LIMIT $4
    FOR UPDATE SKIP LOCKED
), asked AS (
    UPDATE leads SET invoice_ends_at = NULL FROM due WHERE leads.id = due.id
)
INSERT INTO queue_events (queue, type, at, actor, details)
SELECT $1, 'invoice.ends', $2, 'nextlead', json_build_object(
    'lead', id, 'customer', customer_id, 'operator', parked_by, 'amount', amount::text,
    'until', invoice_ends_at
)
FROM due
RETURNING id
"""


async def ask_of_invoices(
    database: Database, queue: str, now: datetime, until: datetime, limit: int
) -> int:
    """Record, once for each, invoices whose terms end by a time; returns how many."""
    return len(await database.fetch(ASK, queue, now, until, limit))
