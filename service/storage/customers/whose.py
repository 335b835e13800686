"""The rows of one client: by their cards, by marks that are only theirs, by their leads."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from service.matching.marks import Mark, mark_of
from service.storage.customers.mark_tables import customer_marks
from service.storage.database import Connection, Database
from service.storage.tables import customers, leads

CARDS_OF = text("""
SELECT DISTINCT coalesce(part.merged_into, part.external_id) FROM customer_marks
JOIN customers AS part USING (external_id)
WHERE mark = ANY (:marks) ORDER BY 1 LIMIT 20
""")
LOCK = text("""
SELECT external_id FROM customers
WHERE external_id = :whole OR merged_into = :whole ORDER BY external_id FOR UPDATE
""")
NOT_THEIRS = text("""
SELECT mark FROM customer_marks
WHERE mark = ANY (:marks) AND external_id <> ALL (:cards)
UNION SELECT mark FROM nobodys_marks WHERE mark = ANY (:marks)
""")
# A client without a card is identified by marks only.
CARDLESS = text("""
SELECT DISTINCT leads.id FROM lead_identities JOIN leads ON leads.id = lead_identities.lead_id
WHERE lead_identities.identity = ANY (:marks)
    AND lead_identities.queue IN (SELECT name FROM queues)
    AND leads.customer_id IS NULL
    AND (CAST(:until AS timestamptz) IS NULL OR leads.received_at <= :until)
ORDER BY leads.id
""")
JOINED = text("""
WITH RECURSIVE parts AS (
    SELECT id FROM leads WHERE joined_into = ANY (:ids)
    UNION SELECT leads.id FROM leads JOIN parts ON leads.joined_into = parts.id
)
SELECT id FROM parts
""")


# All marks of all clients, with the numbers of cards, sorted.
MARKS = """
SELECT mark FROM (
    (SELECT DISTINCT mark FROM customer_marks WHERE mark > $1 ORDER BY mark LIMIT $2)
    UNION (SELECT DISTINCT identity FROM lead_identities
        WHERE identity > $1 ORDER BY identity LIMIT $2)
    UNION (SELECT 'customer:' || external_id FROM customers
        WHERE 'customer:' || external_id > $1 ORDER BY 1 LIMIT $2)
) AS found ORDER BY mark LIMIT $2
"""


async def marks_page(database: Database, after: str, limit: int) -> list[str]:
    """A page of all marks after one; each page reads whole tables, so it is for rare use."""
    return [row["mark"] for row in await database.fetch(MARKS, after, limit)]


async def cards_of_marks(connection: Connection, marks: Collection[str]) -> list[str]:
    """The cards with any of the marks; a merged card counts as the one that it is part of."""
    return list(await connection.scalars(CARDS_OF, {"marks": [*marks]}))


async def lock_cards(connection: Connection, whole: str) -> list[str]:
    """Lock a card and its parts; no new lead refers to them until the transaction ends."""
    return list(await connection.scalars(LOCK, {"whole": whole}))


async def marks_of_cards(connection: Connection, cards: Collection[str]) -> list[Mark]:
    """The marks of cards, without the cards' own numbers."""
    rows_of = customer_marks.c
    statement = select(rows_of.mark, rows_of.strength).where(rows_of.external_id.in_(cards))
    return [mark_of(row.mark, row.strength) for row in await connection.execute(statement)]


async def not_theirs_alone(
    connection: Connection, marks: Collection[str], cards: Collection[str]
) -> set[str]:
    """Those of the marks that other cards have too, or that identify nobody."""
    return set(await connection.scalars(NOT_THEIRS, {"marks": [*marks], "cards": [*cards]}))


async def leads_of_cards(connection: Connection, cards: Collection[str]) -> list[UUID]:
    """All leads that refer to any of the cards: a card cannot be deleted before them."""
    statement = select(leads.c.id).where(leads.c.customer_id.in_(cards)).order_by(leads.c.id)
    return list(await connection.scalars(statement))


async def leads_without_card(
    connection: Connection, marks: Collection[str], until: datetime | None
) -> list[UUID]:
    """All leads up to a time with any of the marks and no card."""
    return list(await connection.scalars(CARDLESS, {"marks": [*marks], "until": until}))


async def joined_leads(connection: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """The leads that were joined into these, directly or over others."""
    return list(await connection.scalars(JOINED, {"ids": [*ids]}))


async def cards_from_before(
    connection: Connection, cards: Collection[str], until: datetime
) -> list[str]:
    """Those of the cards that exist and were made up to a time."""
    statement = select(customers.c.external_id).where(
        customers.c.external_id.in_(cards), customers.c.created_at <= until
    )
    return list(await connection.scalars(statement))
