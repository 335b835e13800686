"""Pages of leads, the oldest first, for readers who want all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from service.leads.lead import Lead, State
from service.slices import in_slices
from service.storage.database import Connection
from service.storage.rows import lead_of
from service.storage.tables import leads

BEFORE_ALL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """A filter of leads; None matches any. `since` is included, `until` is not."""

    queue: str | None = None
    state: State | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The matching leads among some leads in a row; `after` continues, None at the end."""

    leads: Sequence[Lead]
    after: UUID | None


async def read_page(connection: Connection, wanted: ExportFilter, after: UUID, limit: int) -> Page:
    """The matching leads among the next `limit` leads by id.

    The limit counts the leads that are read, so no statement takes long, however few leads match.
    """
    next_ones = select(leads.c.id).where(leads.c.id > after).order_by(leads.c.id)
    last: UUID | None = await connection.scalar(next_ones.offset(limit - 1).limit(1))
    statement = select(leads).where(leads.c.id > after, *_conditions(wanted)).order_by(leads.c.id)
    if last is not None:
        statement = statement.where(leads.c.id <= last)
    rows = (await connection.execute(statement)).mappings().all()
    return Page(await in_slices(lead_of, rows), last)


def _conditions(wanted: ExportFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.queue is not None:
        found.append(leads.c.queue == wanted.queue)
    if wanted.state is not None:
        found.append(leads.c.state == wanted.state)
    if wanted.since is not None:
        found.append(leads.c.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(leads.c.created_at < wanted.until)
    return found
