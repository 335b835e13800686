"""Operators and queues: often read, seldom changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnClause, delete, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from service.leads.errors import OperatorNotFound, QueueNotFound
from service.leads.lead import Kind
from service.leads.operator import Operator, Presence
from service.storage.database import Connection, Database
from service.storage.rows import Row
from service.storage.tables import operators, queues

NEW_ROW: ColumnClause[bool] = literal_column(
    "xmax = 0"
)  # an upsert that updated leaves its transaction's id there


MAX_QUEUES = 1000
STAFF = "SELECT * FROM operators ORDER BY changed_at DESC LIMIT $1"
QUEUES = "SELECT name, title, currency, time_zone, closed_at FROM queues ORDER BY name LIMIT $1"


@dataclass(frozen=True, slots=True)
class Queue:
    """One team's line: a shop or a region (rule B18)."""

    name: str
    title: str
    currency: str
    time_zone: str
    closed_at: datetime | None = None


async def find_operator(connection: Connection, name: str) -> Operator:
    """The operator; raises OperatorNotFound."""
    row = (
        (await connection.execute(select(operators).where(operators.c.name == name)))
        .mappings()
        .first()
    )
    if row is None:
        raise OperatorNotFound(
            f"No operator is called `{name}`; PUT /v1/operators/{name} makes one."
        )
    return _operator_of(row)


async def list_operators(connection: Connection, limit: int) -> list[Operator]:
    """The operators who were last changed."""
    statement = select(operators).order_by(operators.c.changed_at.desc()).limit(limit)
    return [_operator_of(row) for row in (await connection.execute(statement)).mappings()]


async def list_staff(database: Database, limit: int) -> tuple[list[Operator], list[Queue]]:
    """The operators who were last changed, and all queues; no transaction is needed."""
    operators = [_operator_of(row) for row in await database.fetch(STAFF, limit)]
    queues = [_queue_of(row) for row in await database.fetch(QUEUES, MAX_QUEUES)]
    return operators, queues


async def put_operator(connection: Connection, operator: Operator, now: datetime) -> bool:
    """Store an operator; True when they are new."""
    columns = {
        "queues": list(operator.queues),
        "skills": sorted(operator.skills),
        "capacity": operator.capacity,
        "capacity_by_kind": {
            kind.value: limit for kind, limit in operator.capacity_by_kind.items()
        },
        "shifts": None if operator.shifts is None else dict(operator.shifts),
        "changed_at": now,
    }
    row = await connection.execute(
        insert(operators)
        .values(name=operator.name, created_at=now, **columns)
        .on_conflict_do_update(index_elements=[operators.c.name], set_=columns)
        .returning(NEW_ROW)
    )
    return bool(row.scalar_one())


async def find_queue(connection: Connection, name: str) -> Queue:
    """The queue; raises QueueNotFound."""
    row = (await connection.execute(select(queues).where(queues.c.name == name))).mappings().first()
    if row is None:
        raise QueueNotFound(f"No queue is called `{name}`; PUT /v1/queues/{name} makes one.")
    return _queue_of(row)


async def list_queues(connection: Connection) -> list[Queue]:
    """All queues, by name; at most 1 000."""
    statement = select(queues).order_by(queues.c.name).limit(MAX_QUEUES)
    rows = (await connection.execute(statement)).mappings()
    return [_queue_of(row) for row in rows]


async def queue_names(database: Database) -> list[str]:
    """The names of all queues, at most 1 000, in a statement of its own."""
    return [row["name"] for row in await database.fetch(QUEUES, MAX_QUEUES)]


async def locked_queue(connection: Connection, name: str) -> Queue | None:
    """The queue, locked until this transaction ends; None when it does not exist."""
    statement = select(queues).where(queues.c.name == name).with_for_update()
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else _queue_of(row)


async def put_queue(connection: Connection, queue: Queue, now: datetime) -> bool:
    """Store a queue; True when it is new."""
    columns = {
        "title": queue.title,
        "currency": queue.currency,
        "time_zone": queue.time_zone,
    }
    row = await connection.execute(
        insert(queues)
        .values(name=queue.name, created_at=now, **columns)
        .on_conflict_do_update(index_elements=[queues.c.name], set_=columns)
        .returning(NEW_ROW)
    )
    return bool(row.scalar_one())


async def set_closed(connection: Connection, name: str, closed_at: datetime | None) -> None:
    """Close a queue for new leads from a time on, or with None open it again."""
    await connection.execute(
        update(queues).where(queues.c.name == name).values(closed_at=closed_at)
    )


async def delete_operator(connection: Connection, name: str) -> None:
    """Delete an operator who holds nothing; their lock must be held."""
    await connection.execute(delete(operators).where(operators.c.name == name))


async def set_status(
    connection: Connection,
    name: str,
    status: Presence,
    now: datetime,
    *,
    reason: str | None = None,
    wrap_up_until: datetime | None = None,
) -> Operator:
    """Set an operator's status, which is also a sign of life; raises OperatorNotFound."""
    await find_operator(connection, name)
    columns = {
        "status": status.value,
        "status_since": now,
        "status_reason": reason,
        "seen_at": now,
        "wrap_up_until": wrap_up_until,
    }
    await connection.execute(update(operators).where(operators.c.name == name).values(columns))
    return await find_operator(connection, name)


async def begin_wrap_up(connection: Connection, name: str, until: datetime) -> None:
    """Begin an operator's wrap-up after a talk; they are offered nothing until its end."""
    statement = update(operators).where(operators.c.name == name)
    await connection.execute(statement.values(wrap_up_until=until))


async def end_wrap_up(connection: Connection, name: str) -> None:
    """End an operator's wrap-up."""
    finishes = (operators.c.name == name) & operators.c.wrap_up_until.is_not(None)
    await connection.execute(update(operators).where(finishes).values(wrap_up_until=None))


def _operator_of(row: Row) -> Operator:
    capacities, status = row["capacity_by_kind"] or {}, row["status"]
    return Operator(
        name=row["name"],
        queues=tuple(row["queues"]),
        skills=frozenset(row["skills"]),
        capacity=row["capacity"],
        capacity_by_kind={Kind(kind): limit for kind, limit in capacities.items()},
        shifts=row["shifts"],
        status=Presence(status) if status else None,
        status_since=row["status_since"],
        seen_at=row["seen_at"],
        reason=row["status_reason"],
        wrap_up_until=row["wrap_up_until"],
    )


def _queue_of(row: Row) -> Queue:
    return Queue(row["name"], row["title"], row["currency"], row["time_zone"], row["closed_at"])
