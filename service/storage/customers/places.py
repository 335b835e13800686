"""The tables with data of clients: which rows, and which of their columns are exported.

A test asks for each table and column whether it can hold data of a client.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.storage.database import Connection

MAX_ROWS = 50_000

OF_LEAD = "lead_id = ANY (:ids)"
OF_CARD = "external_id = ANY (:cards)"
OF_MARK = "mark = ANY (:marks)"
# Conditions for the rows to export; erasing.py erases the same rows.
PLACES: Mapping[str, str] = {
    "customers": OF_CARD,
    "customer_marks": OF_CARD,
    "order_reminders": "customer_id = ANY (:cards)",
    "client_merges": (
        "ARRAY[into_client, from_client] && (CAST(:cards AS text[]) || CAST(:names AS text[]))"
    ),
    "blocked_marks": OF_MARK,
    "leads": "id = ANY (:ids)",
    "lead_signals": OF_LEAD,
    "lead_identities": OF_LEAD,
    "lead_events": OF_LEAD,
    "calls": OF_LEAD,
    "ended_claims": OF_LEAD,
    "desk_ends": OF_LEAD,
    "departures": "identity = ANY (:marks)",
    "queue_events": "details ->> 'customer' = ANY (:cards)",
}
# Digests, tokens and ranking columns are no data of the client.
HIDDEN = (
    *("request_digest", "claim_token", "token", "token_digest", "content_digest", "txid"),
    *("timeline", "rank", "lane", "line_flags"),
)


async def rows_of_client(
    connection: Connection,
    place: str,
    leads: Collection[UUID],
    cards: Collection[str],
    marks: Collection[str],
) -> list[Any]:
    """One client's rows in a table, as JSON objects without the hidden columns."""
    statement = text(
        f"SELECT to_jsonb(t) - CAST(:hidden AS text[]) FROM {place} AS t"
        f" WHERE {PLACES[place]} LIMIT {MAX_ROWS}"
    )
    of = {
        **{"ids": [*leads], "names": [str(item) for item in leads], "hidden": [*HIDDEN]},
        **{"cards": [*cards], "marks": [*marks]},
    }
    used = {name: value for name, value in of.items() if f":{name}" in statement.text}
    return list(await connection.scalars(statement, used))
