"""Marks that identify nobody, and blocked marks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from service.matching.marks import Mark
from service.storage.customers.mark_tables import blocked_marks, nobodys_marks
from service.storage.database import Connection

EVERY_QUEUE = ""
LINE, SHARED = "line", "shared"
MAX_LISTED = 1000
LOOK_BACK = 200

# Clients are told apart by the strongest other mark of each lead; leads without one count once.
CLIENTS_OF = text(
    f"""
    SELECT DISTINCT coalesce(surest.identity, '') AS client
    FROM (
        SELECT lead_id FROM lead_identities WHERE queue = :queue AND identity = :mark
        ORDER BY lead_id DESC LIMIT {LOOK_BACK}
    ) AS had
    LEFT JOIN LATERAL (
        SELECT identity FROM lead_identities AS other
        WHERE other.lead_id = had.lead_id AND other.identity <> :mark AND strength <= :strength
        ORDER BY strength, identity LIMIT 1
    ) AS surest ON true
    LIMIT :limit
    """
).bindparams(bindparam("limit"))


@dataclass(frozen=True, slots=True)
class BlockedMark:
    """A blocked mark: nobody is offered its leads until `until`; None stands for no end."""

    mark: str
    reason: str
    by: str
    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ListedFor:
    """Why a mark identifies nobody: too many clients share it, or it is a line of a source."""

    why: str
    source: str | None
    at: datetime


async def clients_sharing(connection: Connection, queue: str, mark: Mark, limit: int) -> int:
    """How many clients of a queue had a mark lately, counted up to `limit`."""
    parameters = {
        "queue": queue,
        "mark": mark.identity,
        "strength": mark.strength,
        "limit": limit,
    }
    return len((await connection.execute(CLIENTS_OF, parameters)).all())


async def list_nobodys(
    connection: Connection, queue: str, marks: Iterable[str], listed: ListedFor
) -> None:
    """List marks that from now on identify nobody in a queue, or in every queue."""
    values = [{"queue": queue, "mark": mark, **asdict(listed)} for mark in sorted(marks)]
    if values:
        await connection.execute(insert(nobodys_marks).values(values).on_conflict_do_nothing())


async def lines_of(connection: Connection, source: str | None = None) -> Mapping[str, list[str]]:
    """The numbers that clients called, by the source that reported them first; of one or all."""
    listed = nobodys_marks.c
    statement = select(listed.source, listed.mark).where(listed.why == LINE)
    if source is not None:
        statement = statement.where(listed.source == source)
    found: dict[str, list[str]] = defaultdict(list)
    for row in await connection.execute(statement.order_by(listed.mark).limit(MAX_LISTED)):
        found[row.source].append(row.mark.removeprefix("phone:"))
    return found


async def block(connection: Connection, blocked: BlockedMark) -> None:
    """Block a mark, or change the reason and the end of its block."""
    columns = {
        "reason": blocked.reason,
        "by": blocked.by,
        "at": blocked.at,
        "until": blocked.until,
    }
    await connection.execute(
        insert(blocked_marks)
        .values(mark=blocked.mark, **columns)
        .on_conflict_do_update(index_elements=[blocked_marks.c.mark], set_=columns)
    )


async def unblock(connection: Connection, marks: Iterable[str]) -> bool:
    """Unblock marks; False when none of them was blocked."""
    gone = await connection.execute(
        delete(blocked_marks)
        .where(blocked_marks.c.mark.in_([*marks]))
        .returning(blocked_marks.c.mark)
    )
    return bool(gone.all())


async def are_blocked(connection: Connection, marks: Iterable[str]) -> bool:
    """Whether any of the marks is blocked."""
    statement = select(blocked_marks.c.mark).where(blocked_marks.c.mark.in_([*marks])).limit(1)
    return (await connection.execute(statement)).first() is not None


async def list_blocked(connection: Connection) -> Sequence[BlockedMark]:
    """The blocked marks, the newest first."""
    statement = select(blocked_marks).order_by(blocked_marks.c.at.desc()).limit(MAX_LISTED)
    rows = (await connection.execute(statement)).mappings()
    return [BlockedMark(**dict(row)) for row in rows]
