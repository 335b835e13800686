"""The merges of clients' cards: from whom into whom, by whom, why, and which were undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, insert, or_, select, text, update

from service.leads.card import OWN_CARD, merged_contexts
from service.leads.context import CustomerContext
from service.leads.errors import CustomerNotFound
from service.storage.customers.customers import context_of
from service.storage.customers.mark_tables import client_merges
from service.storage.database import Connection
from service.storage.rows import Row
from service.storage.tables import customers

MAX_PARTS = 20


@dataclass(frozen=True, slots=True)
class ClientMerge:
    """A merge of two clients; `details` is what undoing it needs.

    `undoing` is why it is undone, while leads of the two are still to be taken apart.
    """

    id: UUID
    into_client: str
    from_client: str
    reason: str
    by: str
    at: datetime
    details: Mapping[str, Any]
    undone_at: datetime | None = None
    undone_by: str | None = None
    undoing: str | None = None


async def whole_of(connection: Connection, external_id: str) -> str:
    """The card that this card was merged into, else itself, even if it does not exist."""
    statement = select(customers.c.merged_into).where(customers.c.external_id == external_id)
    return await connection.scalar(statement) or external_id


async def parts_of(connection: Connection, external_id: str) -> list[str]:
    """The cards that were merged into one, locked, sorted."""
    statement = (
        select(customers.c.external_id)
        .where(customers.c.merged_into == external_id)
        .order_by(customers.c.external_id)
        .with_for_update(key_share=True)
    )
    return list(await connection.scalars(statement))


async def whole_context(connection: Connection, external_id: str) -> CustomerContext | None:
    """The context of a client from all their cards; None without a card."""
    of_client = or_(customers.c.external_id == external_id, customers.c.merged_into == external_id)
    statement = (
        select(customers.c.context)
        .where(of_client)
        .order_by(customers.c.merged_into.isnot(None), customers.c.external_id)
    )
    found = [context_of(row.context) for row in await connection.execute(statement)]
    return merged_contexts(found) if found else None


async def merge_cards(connection: Connection, into: str, parts: Sequence[str]) -> None:
    """Make cards parts of another one."""
    await _count_change(connection, [into, *parts])
    await connection.execute(
        update(customers).where(customers.c.external_id.in_(parts)).values(merged_into=into)
    )


async def part_cards(connection: Connection, merge: ClientMerge) -> None:
    """Make the merged card one of its own again, with the parts that it had before."""
    parts: Sequence[str] = merge.details["parts"]
    await _count_change(connection, [merge.into_client, *parts])
    is_whole = customers.c.external_id == merge.from_client
    await connection.execute(
        update(customers)
        .where(customers.c.external_id.in_(parts))
        .values(merged_into=case((is_whole, None), else_=merge.from_client))
    )


async def _count_change(connection: Connection, cards: Sequence[str]) -> None:
    """Count a change of cards, so that no lead is opened by how they were."""
    await connection.execute(
        update(customers)
        .where(customers.c.external_id.in_(cards))
        .values(version=customers.c.version + 1)
    )


async def own_cards_of_the_shops(connection: Connection, limit: int) -> list[tuple[str, str]]:
    """Cards made here, each with a card of the shop that shares a mark.

    Cards that were ever merged are left out: a merge that a person undid stays undone.
    """
    statement = text(
        f"""
        SELECT DISTINCT own.external_id, shops.external_id
        FROM customers AS own
        JOIN customer_marks AS mine ON mine.external_id = own.external_id
        JOIN customer_marks AS theirs ON theirs.mark = mine.mark
        JOIN customers AS shops ON shops.external_id = theirs.external_id
        WHERE own.external_id LIKE '{OWN_CARD}%' AND own.merged_into IS NULL
            AND shops.external_id NOT LIKE '{OWN_CARD}%'
            AND NOT EXISTS (
                SELECT FROM client_merges AS before WHERE before.from_client = own.external_id
            )
        ORDER BY own.external_id, shops.external_id LIMIT :limit
        """
    )
    return [(own, shops) for own, shops in await connection.execute(statement, {"limit": limit})]


async def add_merge(connection: Connection, merge: ClientMerge) -> None:
    """Store a merge."""
    values = {name: getattr(merge, name) for name in merge.__slots__}
    await connection.execute(insert(client_merges).values(values))


async def locked_merge(connection: Connection, merge_id: UUID) -> ClientMerge:
    """A merge, locked; raises CustomerNotFound."""
    statement = select(client_merges).where(client_merges.c.id == merge_id).with_for_update()
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        raise CustomerNotFound(f"No merge has the id {merge_id}.")
    return _merge_of(row)


async def later_merge(connection: Connection, merge: ClientMerge) -> UUID | None:
    """A later merge, still in force, of this merge's remaining client into another one."""
    statement = (
        select(client_merges.c.id)
        .where(
            client_merges.c.from_client == merge.into_client,
            client_merges.c.undone_at.is_(None),
            client_merges.c.at >= merge.at,
        )
        .limit(1)
    )
    found: UUID | None = await connection.scalar(statement)
    return found


async def note_undone(
    connection: Connection, merge: ClientMerge, by: str, reason: str, now: datetime
) -> ClientMerge:
    """Record that the cards of a merge are apart; its leads are not yet."""
    undone = replace(merge, undone_at=now, undone_by=by, undoing=reason)
    await connection.execute(
        update(client_merges)
        .where(client_merges.c.id == merge.id)
        .values(undone_at=now, undone_by=by, undoing=reason)
    )
    return undone


async def note_apart(connection: Connection, merge_id: UUID) -> None:
    """Record that the leads of an undone merge are apart, too."""
    await connection.execute(
        update(client_merges).where(client_merges.c.id == merge_id).values(undoing=None)
    )


async def are_taken_apart(connection: Connection, clients: Sequence[str]) -> bool:
    """Whether leads of one of these clients are still to be taken apart, after a merge."""
    of_them = or_(
        client_merges.c.into_client.in_(clients), client_merges.c.from_client.in_(clients)
    )
    statement = select(client_merges.c.id).where(client_merges.c.undoing.is_not(None), of_them)
    return await connection.scalar(statement.limit(1)) is not None


async def unfinished_undoings(
    connection: Connection, before: datetime, limit: int
) -> list[ClientMerge]:
    """Merges that began to be undone before a moment and have leads to take apart, oldest first."""
    statement = (
        select(client_merges)
        .where(client_merges.c.undoing.is_not(None), client_merges.c.undone_at < before)
        .order_by(client_merges.c.undone_at)
        .limit(limit)
    )
    return [_merge_of(row) for row in (await connection.execute(statement)).mappings()]


def _merge_of(row: Row) -> ClientMerge:
    return ClientMerge(**{name: row[name] for name in ClientMerge.__slots__})
