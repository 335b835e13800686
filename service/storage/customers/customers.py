"""Customers' cards: their marks, and what the shop's own system knows of them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from service.leads.card import (
    MAX_CARS,
    MAX_CONTACTS,
    MAX_NOTES,
    MAX_ORDERS,
    MAX_SELECTIONS,
    MAX_TASKS,
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
    OwnerByHand,
    SelectedPart,
)
from service.leads.customer import Customer
from service.leads.lead import MOVES, Lead
from service.storage.database import Connection, Database
from service.storage.json_rows import as_json
from service.storage.rows import Row, lead_of
from service.storage.tables import customers, leads

MAX_OPEN_LEADS = 500
OPEN = [state.value for state, moves in MOVES.items() if moves]


async def find_card(connection: Connection, external_id: str) -> Card | None:
    """The card of a customer; None without one."""
    statement = select(customers).where(customers.c.external_id == external_id)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else card_of(row)


async def locked_card(connection: Connection, external_id: str) -> Card | None:
    """The card of a customer, locked until this transaction ends; None without one.

    The client's leads must be locked first, as settling a lead does, too. New leads can still refer
    to the card, but they wait before they change it.
    """
    statement = select(customers).where(customers.c.external_id == external_id)
    row = (await connection.execute(statement.with_for_update(key_share=True))).mappings().first()
    return None if row is None else card_of(row)


async def put_card(connection: Connection, card: Card, now: datetime) -> None:
    """Store a card."""
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
        .on_conflict_do_update(
            index_elements=[customers.c.external_id],
            set_={**columns, "version": customers.c.version + 1},
        )
    )
    await _touch_whole(connection, customer.external_id)


async def _touch_whole(connection: Connection, external_id: str | None) -> None:
    """Count up the version of the card that this one was merged into, if any."""
    part = customers.alias()
    whole = select(part.c.merged_into).where(part.c.external_id == external_id).scalar_subquery()
    await connection.execute(
        update(customers)
        .where(customers.c.external_id == whole)
        .values(version=customers.c.version + 1)
    )


async def ensure_card(connection: Connection, customer: Customer | None, now: datetime) -> None:
    """Create a card for the customer if there is none; an existing card is not locked."""
    if customer is not None and customer.external_id is not None:
        spec = insert(customers).values(
            external_id=customer.external_id, created_at=now, changed_at=now, marks_read_at=now
        )
        await connection.execute(spec.on_conflict_do_nothing())


# A new card, or its fields from a signal: `$7` says whether they replace known values.
FRESHEN = """
INSERT INTO customers (
    external_id, name, phone, email, messengers, created_at, changed_at, marks_read_at
) VALUES ($1, $2, $3, $4, $5::text::jsonb, $6, $6, $6)
ON CONFLICT (external_id) DO UPDATE SET
    name = CASE WHEN $7 THEN coalesce(excluded.name, customers.name)
        ELSE coalesce(customers.name, excluded.name) END,
    phone = CASE WHEN $7 THEN coalesce(excluded.phone, customers.phone)
        ELSE coalesce(customers.phone, excluded.phone) END,
    email = CASE WHEN $7 THEN coalesce(excluded.email, customers.email)
        ELSE coalesce(customers.email, excluded.email) END,
    messengers = CASE WHEN $7
        THEN coalesce(customers.messengers, '{}') || coalesce(excluded.messengers, '{}')
        ELSE coalesce(excluded.messengers, '{}') || coalesce(customers.messengers, '{}') END,
    changed_at = excluded.changed_at
"""


async def freshen_card(
    connection: Connection, customer: Customer | None, now: datetime, *, replaces: bool = True
) -> None:
    """Update a customer's card from a signal; fields that the signal does not have stay.

    A signal of a sender that does not speak for the shop `replaces` no known value.
    """
    if (given := _freshened(customer, now, replaces=replaces)) is not None:
        await connection.exec_driver_sql(FRESHEN, given)


async def freshen_card_of_signal(
    database: Database, customer: Customer | None, now: datetime, *, replaces: bool
) -> None:
    """Update a customer's card from a signal, in a transaction of its own; see `freshen_card`."""
    if (given := _freshened(customer, now, replaces=replaces)) is not None:
        await database.fetch(FRESHEN, *given)


def _freshened(
    customer: Customer | None, now: datetime, *, replaces: bool
) -> tuple[object, ...] | None:
    """The arguments of FRESHEN; None for a client without a number."""
    if customer is None or customer.external_id is None:
        return None
    messengers = None if customer.messengers is None else as_json(customer.messengers)
    contacts = (customer.name, customer.phone, customer.email, messengers)
    return (customer.external_id, *contacts, now, replaces)


async def locked_open_leads(connection: Connection, external_id: str) -> list[Lead]:
    """The waiting, held and parked leads of a customer, locked in the order of their ids."""
    statement = (
        select(leads)
        .where(leads.c.customer_id == external_id, leads.c.state.in_(OPEN))
        .order_by(leads.c.id)
        .limit(MAX_OPEN_LEADS)
        .with_for_update()
    )
    return [lead_of(row) for row in (await connection.execute(statement)).mappings()]


async def open_lead_ids(connection: Connection, external_id: str) -> list[UUID]:
    """The ids of the waiting, held and parked leads of a customer; nothing is locked."""
    statement = (
        select(leads.c.id)
        .where(leads.c.customer_id == external_id, leads.c.state.in_(OPEN))
        .order_by(leads.c.id)
        .limit(MAX_OPEN_LEADS)
    )
    return list(await connection.scalars(statement))


def card_of(row: Row) -> Card:
    """The card in a row."""
    return Card(
        customer=Customer(
            row["external_id"], row["name"], row["phone"], row["email"], row["messengers"]
        ),
        context=context_of(row["context"]),
        changed_at=row["changed_at"],
        merged_into=row["merged_into"],
    )


def context_of(spec: Mapping[str, Any] | None) -> CustomerContext:
    """The context in a column, with at most as many items as may be written."""
    if not spec:
        return CustomerContext()
    return CustomerContext(
        client_class=ClientClass(spec["client_class"]),
        blocked_since=_day(spec["blocked_since"]),
        call_on=_day(spec["call_on"]),
        orders=tuple(_order_of(item) for item in spec["orders"][:MAX_ORDERS]),
        tasks=tuple(_task_of(item) for item in spec["tasks"][:MAX_TASKS]),
        contacts=tuple(
            Contact(item["operator"], _needed(item["at"]))
            for item in spec["contacts"][:MAX_CONTACTS]
        ),
        cars=tuple(spec["cars"][:MAX_CARS]),
        notes=tuple(
            Note(item["author"], _needed(item["at"]), item["text"])
            for item in spec["notes"][:MAX_NOTES]
        ),
        bought_before=spec.get("bought_before", False),
        owner=_owner_of(spec.get("owner")),
        selections=tuple(
            _selection_of(item) for item in (spec.get("selections") or ())[:MAX_SELECTIONS]
        ),
    )


def _owner_of(spec: Mapping[str, Any] | None) -> OwnerByHand | None:
    if spec is None:
        return None
    at, until = _needed(spec["at"]), _moment(spec["until"])
    return OwnerByHand(spec["operator"], spec["reason"], spec["by"], at, until)


def _selection_of(spec: Mapping[str, Any]) -> SelectedPart:
    price = None if spec["price"] is None else Decimal(spec["price"])
    return SelectedPart(spec["number"], spec["name"], _needed(spec["at"]), spec["by"], price)


def _order_of(spec: Mapping[str, Any]) -> OrderInWork:
    return OrderInWork(
        number=spec["number"],
        operator=spec["operator"],
        opened_at=_needed(spec["opened_at"]),
        state=OrderState(spec["state"]),
        reserved_until=_moment(spec["reserved_until"]),
        reason=spec["reason"],
        amount=None if (amount := spec.get("amount")) is None else Decimal(amount),
        cashless=spec.get("cashless", False),
        invoiced_at=_moment(spec.get("invoiced_at")),
    )


def _task_of(spec: Mapping[str, Any]) -> CallTask:
    return CallTask(
        external_id=spec["external_id"],
        campaign=Campaign(spec["campaign"]),
        operator=spec["operator"],
        opened_at=_needed(spec["opened_at"]),
        expires_at=_needed(spec["expires_at"]),
        closed_at=_moment(spec["closed_at"]),
        activated_at=_moment(spec.get("activated_at")),
    )


def _day(spec: str | None) -> date | None:
    return None if spec is None else date.fromisoformat(spec)


def _needed(spec: str) -> datetime:
    return datetime.fromisoformat(spec)


def _moment(spec: str | None) -> datetime | None:
    return None if spec is None else datetime.fromisoformat(spec)
