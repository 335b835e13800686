"""Removes personal data from rows that stay for their numbers, and deletes the other rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.leads.identity import Evidence
from service.matching.marks import mark_of
from service.matching.needles import SHORTEST_ID
from service.storage.database import Connection
from service.storage.json_rows import as_json

ERASED = "the client's data were erased"
# The details of an event that stay: numbers, times, words from closed lists, operators.
KEPT_DETAILS = (
    *("operator", "from", "to", "skill", "on_top", "withdrawn", "declined_by", "again_at"),
    *("outcome", "outcome_before", "amount", "amount_before", "currency", "credited_to"),
    *("buyer", "selection", "price_profile", "until", "for", "expires_at", "late_since"),
    *("decision", "lead", "into", "leads", "rule", "tries"),
)

LEADS = text("""
UPDATE leads SET
    external_id = NULL, idempotency_key = NULL, request_digest = NULL,
    customer_id = NULL, customer = NULL, client_facts = NULL, possibly_same = NULL,
    text = NULL, items = NULL, vin = NULL, attributes = NULL, show = NULL, note = NULL,
    reading = NULL,
    reason = CASE WHEN reason = ANY (:reasons) THEN reason
        WHEN reason IS NOT NULL THEN CAST(:erased AS text) END,
    explanation = jsonb_set(CAST(explanation AS jsonb), '{text}', 'null')::json
WHERE id = ANY (:ids)
""")
EVENTS = text("""
UPDATE lead_events SET
    reason = CASE WHEN reason = ANY (:reasons) THEN reason END,
    details = (
        SELECT json_object_agg(key, value) FROM json_each(details) WHERE key = ANY (:kept)
    )
WHERE lead_id = ANY (:ids) AND (reason IS NOT NULL OR details IS NOT NULL)
""")
# Other leads list the marks that they have in common with the erased ones.
OTHERS = text("""
UPDATE leads SET possibly_same = (
    SELECT nullif(jsonb_agg(item), '[]') FROM jsonb_array_elements(possibly_same) AS item
    WHERE item ->> 'lead' <> ALL (:names)
)
WHERE id <> ALL (:ids) AND possibly_same IS NOT NULL AND id IN (
    SELECT lead_id FROM lead_identities
    WHERE identity = ANY (:any_marks) AND queue IN (SELECT name FROM queues)
)
""")
SIGNALS = text("DELETE FROM lead_signals WHERE lead_id = ANY (:ids)")
SIGNAL_COUNT = text("""
SELECT (SELECT count(*) FROM lead_signals WHERE lead_id = ANY (:ids) AND sort <> 'change')
    + (SELECT count(*) FROM leads WHERE id = ANY (:ids) AND state <> 'joined' AND NOT EXISTS (
        SELECT FROM lead_signals WHERE lead_signals.lead_id = leads.id))
""")
# By their leads, by their cards, or by their marks.
DELETED: Mapping[str, Sequence[Any]] = {
    "marks": [
        text("DELETE FROM lead_identities WHERE lead_id = ANY (:ids)"),
        text("DELETE FROM customer_marks WHERE external_id = ANY (:cards)"),
        text("DELETE FROM departures WHERE identity = ANY (:marks)"),
    ],
    "blocked_marks": [text("DELETE FROM blocked_marks WHERE mark = ANY (:marks)")],
    "messages": [
        text("""
        DELETE FROM deleted_messages WHERE EXISTS (
            SELECT FROM unnest(CAST(:sender_ids AS text[])) AS one (id)
            WHERE position(id IN message) > 0
        )
        """)
    ],
    "calls": [text("DELETE FROM calls WHERE lead_id = ANY (:ids)")],
    "ends": [
        text("DELETE FROM ended_claims WHERE lead_id = ANY (:ids)"),
        text("DELETE FROM desk_ends WHERE lead_id = ANY (:ids)"),
    ],
    "merges": [
        text("""
        DELETE FROM client_merges
        WHERE into_client = ANY (:cards) OR from_client = ANY (:cards)
            OR into_client = ANY (:names) OR from_client = ANY (:names)
        """)
    ],
    "cards": [text("DELETE FROM customers WHERE external_id = ANY (:cards)")],
}
QUEUE_EVENTS = text("""
UPDATE queue_events SET
    details = (CAST(details AS jsonb) - CAST('{customer,order,reason}' AS text[]))::json
WHERE details ->> 'customer' = ANY (:cards)
""")
FEWER_WORDS = text("""
UPDATE word_days SET clients = word_days.clients - gone.clients
FROM json_to_recordset(CAST(:words AS json)) AS gone (queue text, day date, word text, clients int)
WHERE word_days.queue = gone.queue AND word_days.day = gone.day AND word_days.word = gone.word
""")
RARE_WORDS = text("""
DELETE FROM word_days USING (
    SELECT DISTINCT queue, day
    FROM json_to_recordset(CAST(:words AS json)) AS gone (queue text, day date)
) AS changed
WHERE word_days.queue = changed.queue AND word_days.day = changed.day AND clients < :fewest
""")
TEXTS = text(
    "SELECT queue, received_at, text FROM leads WHERE id = ANY (:ids) AND text IS NOT NULL"
)
IDS = text("""
SELECT source, external_id, created_by, idempotency_key FROM leads WHERE id = ANY (:ids)
UNION SELECT source, external_id, created_by, idempotency_key FROM lead_signals
WHERE lead_id = ANY (:ids)
""")


async def erase_rows(
    connection: Connection,
    leads: Collection[UUID],
    cards: Collection[str],
    marks: Collection[str],
    shared: Collection[str],
    reasons: Collection[str],
) -> dict[str, int]:
    """Remove the personal data of one client; returns how many rows of each sort.

    The leads and cards are locked. The `shared` marks stay with other clients. `reasons` are those
    of closed lists; they are not personal and stay.
    """
    of: dict[str, list[Any]] = {
        **{"ids": [*leads], "names": [str(item) for item in leads]},
        **{"cards": [*cards], "marks": [*marks], "sender_ids": _messenger_ids(marks)},
        "any_marks": [*marks, *shared],
    }
    counts = {"leads": len(of["ids"]), "signals": await connection.scalar(SIGNAL_COUNT, of) or 0}
    wording = {"reasons": [*reasons], "erased": ERASED, "kept": [*KEPT_DETAILS]}
    counts["events"] = (await connection.execute(EVENTS, {**of, **wording})).rowcount
    await connection.execute(OTHERS, of)
    await connection.execute(LEADS, {**of, **wording})
    await connection.execute(SIGNALS, of)
    counts["events"] += (await connection.execute(QUEUE_EVENTS, of)).rowcount
    for name, statements in DELETED.items():
        counts[name] = sum(
            [(await connection.execute(statement, of)).rowcount for statement in statements]
        )
    return counts


async def texts_of_leads(connection: Connection, ids: Collection[UUID]) -> list[Any]:
    """The texts of leads, each with its queue and time."""
    return list(await connection.execute(TEXTS, {"ids": [*ids]}))


async def sent_ids_of(connection: Connection, ids: Collection[UUID]) -> list[Any]:
    """The ids and keys by which the senders identify the signals of leads."""
    return list(await connection.execute(IDS, {"ids": [*ids]}))


async def count_words_less(
    connection: Connection, words: Mapping[tuple[str, date], Mapping[str, int]], fewest: int
) -> int:
    """Subtract the words of erased texts; words of fewer than `fewest` clients are deleted."""
    rows = [
        {"queue": queue, "day": day, "word": word, "clients": count}
        for (queue, day), of_day in words.items()
        for word, count in of_day.items()
    ]
    if not rows:
        return 0
    parameters = {"words": as_json(rows)}
    less = (await connection.execute(FEWER_WORDS, parameters)).rowcount
    await connection.execute(RARE_WORDS, {**parameters, "fewest": fewest})
    return less


def _messenger_ids(identities: Collection[str]) -> list[str]:
    """The client's ids at messengers that are long enough to be unique."""
    marks = [mark_of(item, 1) for item in identities if item.startswith(Evidence.MESSENGER)]
    return [mark.value for mark in marks if len(mark.value) >= SHORTEST_ID]
