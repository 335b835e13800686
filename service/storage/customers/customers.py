"""Customers' cards: who a client is, and what the shop's own system says of him."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement

from service.leads.card import (
    MOST_CARS,
    MOST_CONTACTS,
    MOST_NOTES,
    MOST_ORDERS,
    MOST_TASKS,
    Card,
)
from service.leads.context import (
    CallTask,
    Campaign,
    ClientClass,
    Contact,
    CustomerContext,
    Note,
    OrderInWork,
    OrderState,
)
from service.leads.customer import Customer
from service.leads.lead import MOVES, Lead
from service.storage.database import Connection
from service.storage.rows import Row, lead_of
from service.storage.tables import customers, leads

MOST_OPEN_LEADS = 500
OPEN = [state.value for state, moves in MOVES.items() if moves]
EMPTY: ColumnElement[Any] = literal_column("'{}'::jsonb")


async def find_card(connection: Connection, external_id: str) -> Card | None:
    """The card of a customer; None when nothing was ever said of him."""
    statement = select(customers).where(customers.c.external_id == external_id)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else card_of(row)


async def locked_card(connection: Connection, external_id: str) -> Card | None:
    """The same, and nobody else changes it until this transaction ends.

    To be asked after the client's leads are locked: who settles a lead locks that first, too.
    New leads may still name the card, but wait with changing it.
    """
    statement = select(customers).where(customers.c.external_id == external_id)
    row = (await connection.execute(statement.with_for_update(key_share=True))).mappings().first()
    return None if row is None else card_of(row)


async def put_card(connection: Connection, card: Card, now: datetime) -> None:
    """Write a card down."""
    customer = card.customer
    columns = {
        "name": customer.name,
        "phone": customer.phone,
        "email": customer.email,
        "messengers": customer.messengers,
        "context": card.context,
        "changed_at": now,
    }
    await connection.execute(
        insert(customers)
        .values(external_id=customer.external_id, created_at=now, **columns)
        .on_conflict_do_update(index_elements=[customers.c.external_id], set_=columns)
    )


async def freshen_card(connection: Connection, customer: Customer | None, now: datetime) -> None:
    """Put what a signal says of a customer on his card; what it does not say stays."""
    if customer is None or customer.external_id is None:
        return
    said = insert(customers).values(
        external_id=customer.external_id,
        name=customer.name,
        phone=customer.phone,
        email=customer.email,
        messengers=customer.messengers,
        created_at=now,
        changed_at=now,
    )
    known, told = customers.c, said.excluded
    fresher = {name: func.coalesce(told[name], known[name]) for name in ("name", "phone", "email")}
    both = func.coalesce(known.messengers, EMPTY).op("||")(func.coalesce(told.messengers, EMPTY))
    await connection.execute(
        said.on_conflict_do_update(
            index_elements=[known.external_id],
            set_={**fresher, "messengers": both, "changed_at": now},
        )
    )


async def locked_open_leads(connection: Connection, external_id: str) -> list[Lead]:
    """The leads of a customer that wait, are held or parked, locked in the order of their ids."""
    statement = (
        select(leads)
        .where(leads.c.customer_id == external_id, leads.c.state.in_(OPEN))
        .order_by(leads.c.id)
        .limit(MOST_OPEN_LEADS)
        .with_for_update()
    )
    return [lead_of(row) for row in (await connection.execute(statement)).mappings()]


def card_of(row: Row) -> Card:
    """The card that a row says."""
    return Card(
        customer=Customer(
            row["external_id"], row["name"], row["phone"], row["email"], row["messengers"]
        ),
        context=context_of(row["context"]),
        changed_at=row["changed_at"],
    )


def context_of(said: Mapping[str, Any] | None) -> CustomerContext:
    """The context that a column says; of each only so many as may be written."""
    if not said:
        return CustomerContext()
    return CustomerContext(
        client_class=ClientClass(said["client_class"]),
        blocked_since=_day(said["blocked_since"]),
        call_on=_day(said["call_on"]),
        orders=tuple(_order_of(one) for one in said["orders"][:MOST_ORDERS]),
        tasks=tuple(_task_of(one) for one in said["tasks"][:MOST_TASKS]),
        contacts=tuple(
            Contact(one["operator"], _needed(one["at"])) for one in said["contacts"][:MOST_CONTACTS]
        ),
        cars=tuple(said["cars"][:MOST_CARS]),
        notes=tuple(
            Note(one["author"], _needed(one["at"]), one["text"])
            for one in said["notes"][:MOST_NOTES]
        ),
    )


def _order_of(said: Mapping[str, Any]) -> OrderInWork:
    return OrderInWork(
        number=said["number"],
        operator=said["operator"],
        opened_at=_needed(said["opened_at"]),
        state=OrderState(said["state"]),
        reserved_until=_moment(said["reserved_until"]),
        reason=said["reason"],
    )


def _task_of(said: Mapping[str, Any]) -> CallTask:
    return CallTask(
        external_id=said["external_id"],
        campaign=Campaign(said["campaign"]),
        operator=said["operator"],
        opened_at=_needed(said["opened_at"]),
        expires_at=_needed(said["expires_at"]),
        closed_at=_moment(said["closed_at"]),
    )


def _day(said: str | None) -> date | None:
    return None if said is None else date.fromisoformat(said)


def _needed(said: str) -> datetime:
    return datetime.fromisoformat(said)


def _moment(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said)
