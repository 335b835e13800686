"""The marks of cards: those of the shop's own system, and those learnt here."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from service.matching.marks import Mark, mark_of
from service.storage.customers.mark_tables import customer_marks
from service.storage.database import Connection
from service.storage.tables import customers

SHOP, LEARNED = "shop", "learned"
MAX_MARKS = 200
PAGE = 200


async def put_shops_marks(
    connection: Connection, external_id: str, marks: Iterable[Mark], now: datetime
) -> None:
    """Replace the marks that the shop's system gives a locked card; learnt marks stay."""
    each = {mark.identity: mark for mark in marks}
    of_card = customer_marks.c.external_id == external_id
    gone = customer_marks.c.mark.not_in([*each])
    await connection.execute(
        delete(customer_marks).where(of_card, customer_marks.c.origin == SHOP, gone)
    )
    await _add(connection, external_id, [*each.values()][:MAX_MARKS], SHOP, now)
    await connection.execute(
        update(customers)
        .where(customers.c.external_id == external_id)
        .values(marks_read_at=now, version=customers.c.version + 1)
    )


async def learn_marks(
    connection: Connection, external_id: str, marks: Iterable[Mark], now: datetime
) -> list[Mark]:
    """Add new marks to a locked card, up to 200 in all; returns the new ones."""
    existing = {mark.identity for mark in await marks_of_card(connection, external_id)}
    fresh = {mark.identity: mark for mark in marks if mark.identity not in existing}
    learnt = [*fresh.values()][: max(0, MAX_MARKS - len(existing))]
    if learnt:
        await _add(connection, external_id, learnt, LEARNED, now)
        await _touch(connection, external_id)
    return learnt


async def forget_marks(connection: Connection, external_id: str, marks: Collection[str]) -> None:
    """Remove learnt marks from a card."""
    rows_of = customer_marks.c
    if not marks:
        return
    await connection.execute(
        delete(customer_marks).where(
            rows_of.external_id == external_id, rows_of.origin == LEARNED, rows_of.mark.in_(marks)
        )
    )
    await _touch(connection, external_id)


async def marks_of_card(connection: Connection, external_id: str) -> list[Mark]:
    """All marks of a card."""
    statement = (
        select(customer_marks.c.mark, func.min(customer_marks.c.strength).label("strength"))
        .where(customer_marks.c.external_id == external_id)
        .group_by(customer_marks.c.mark)
        .order_by(customer_marks.c.mark)
    )
    found = [mark_of(row.mark, row.strength) for row in await connection.execute(statement)]
    return [mark_of(f"customer:{external_id}", 1), *found]


async def unread_cards(connection: Connection, limit: int = PAGE) -> Sequence[str]:
    """Cards whose marks are not stored yet, locked."""
    statement = (
        select(customers.c.external_id)
        .where(customers.c.marks_read_at.is_(None))
        .order_by(customers.c.external_id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return (await connection.scalars(statement)).all()


async def let_marks_be_read_again(connection: Connection) -> None:
    """Let upkeep read the marks of all cards again, for one more region of numbers.

    It locks each card, so it is only for a region that is really new.
    """
    unread = update(customers).where(customers.c.marks_read_at.isnot(None))
    await connection.execute(unread.values(marks_read_at=None))


async def _touch(connection: Connection, external_id: str) -> None:
    await connection.execute(
        update(customers)
        .where(customers.c.external_id == external_id)
        .values(version=customers.c.version + 1)
    )


async def _add(
    connection: Connection,
    external_id: str,
    marks: Sequence[Mark],
    origin: str,
    now: datetime,
) -> None:
    if marks:
        values = [
            {
                "mark": mark.identity,
                "external_id": external_id,
                "origin": origin,
                "strength": mark.strength,
                "at": now,
            }
            for mark in sorted(marks)
        ]
        await connection.execute(insert(customer_marks).values(values).on_conflict_do_nothing())
