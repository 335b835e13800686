"""Search for clients: by a mark, by their number or an order's number, by name.

Each search uses an index and finds at most 20 clients.
"""

import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select, text

from service.leads.card import Card
from service.storage.customers.customers import card_of
from service.storage.database import Connection
from service.storage.leads.signal_tables import lead_identities
from service.storage.tables import customers, leads

MAX_CLIENTS = 20
MAX_LEADS = 50
MAX_WORDS = 8
WORD = re.compile(r"\w+")

BY_MARKS = text(
    f"""
    SELECT DISTINCT coalesce(part.merged_into, part.external_id) AS external_id
    FROM customer_marks JOIN customers AS part USING (external_id)
    WHERE customer_marks.mark = ANY (:marks) ORDER BY 1 LIMIT {MAX_CLIENTS}
    """
)
BY_NUMBER = text(
    f"""
    SELECT coalesce(merged_into, external_id) AS external_id FROM customers
    WHERE external_id = :number
        OR context @> jsonb_build_object(
            'orders', jsonb_build_array(jsonb_build_object('number', CAST(:number AS text)))
        )
    ORDER BY external_id LIMIT {MAX_CLIENTS}
    """
)
BY_NAME = text(
    f"""
    SELECT coalesce(merged_into, external_id) AS external_id FROM customers
    WHERE to_tsvector('simple', coalesce(name, '')) @@ to_tsquery('simple', :words)
    ORDER BY external_id LIMIT {MAX_CLIENTS}
    """
)

# Both use an index that has only leads of clients without a card.
LEADS_BY_NAME = text(
    f"""
    SELECT id FROM leads
    WHERE customer_id IS NULL AND customer->>'name' IS NOT NULL AND joined_into IS NULL
        AND to_tsvector('simple', coalesce(customer->>'name', '')) @@ to_tsquery('simple', :words)
    ORDER BY id DESC LIMIT {MAX_LEADS}
    """
)
LEADS_BY_NUMBER = text(
    f"""
    SELECT id FROM leads
    WHERE customer_id IS NULL AND joined_into IS NULL
        AND attributes->>'order' IN (:number, '#' || :number)
    ORDER BY id DESC LIMIT {MAX_LEADS}
    """
)


async def cards_by_marks(connection: Connection, marks: Sequence[str]) -> list[Card]:
    """The cards with any of the marks."""
    found = await connection.scalars(BY_MARKS, {"marks": list(marks)})
    return await _cards(connection, found.all())


async def cards_by_number(connection: Connection, number: str) -> list[Card]:
    """The card of this number, and the cards with an order of this number."""
    return await _cards(connection, (await connection.scalars(BY_NUMBER, {"number": number})).all())


async def cards_by_name(connection: Connection, name: str) -> list[Card]:
    """The cards whose name has all of the words, or words that begin with them."""
    query = _query(name)
    if not query:
        return []
    return await _cards(connection, (await connection.scalars(BY_NAME, {"words": query})).all())


async def leads_by_name(connection: Connection, name: str) -> list[UUID]:
    """The newest leads of clients without a card whose name has all of the words."""
    query = _query(name)
    if not query:
        return []
    return list(await connection.scalars(LEADS_BY_NAME, {"words": query}))


async def leads_by_number(connection: Connection, number: str) -> list[UUID]:
    """The newest leads about an order of this number whose client has no card."""
    return list(await connection.scalars(LEADS_BY_NUMBER, {"number": number}))


def _query(name: str) -> str:
    return " & ".join(f"{word}:*" for word in WORD.findall(name)[:MAX_WORDS])


async def leads_of_cards(connection: Connection, numbers: Sequence[str]) -> dict[str, list[UUID]]:
    """The newest leads of each client."""
    found: dict[str, list[UUID]] = {number: [] for number in numbers}
    for number in numbers:
        statement = (
            select(leads.c.id)
            .where(leads.c.customer_id == number)
            .order_by(leads.c.id.desc())
            .limit(MAX_LEADS)
        )
        found[number] = list(await connection.scalars(statement))
    return found


async def leads_without_card(
    connection: Connection, marks: Sequence[tuple[str, str]]
) -> list[UUID]:
    """The newest leads with any of the marks (queue and identity) whose client has no card."""
    found: set[UUID] = set()
    for queue, identity in marks:
        statement = (
            select(leads.c.id)
            .join(lead_identities, lead_identities.c.lead_id == leads.c.id)
            .where(lead_identities.c.queue == queue, lead_identities.c.identity == identity)
            .where(leads.c.customer_id.is_(None), leads.c.joined_into.is_(None))
            .order_by(leads.c.id.desc())
            .limit(MAX_LEADS)
        )
        found |= {*await connection.scalars(statement)}
    return sorted(found, reverse=True)[:MAX_LEADS]


async def _cards(connection: Connection, numbers: Sequence[str]) -> list[Card]:
    statement = select(customers).where(customers.c.external_id.in_(bindparam("n", expanding=True)))
    rows = await connection.execute(statement.order_by(customers.c.external_id), {"n": [*numbers]})
    return [card_of(row) for row in rows.mappings()]
