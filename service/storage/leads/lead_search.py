"""Searches leads by several conditions, in pages, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, tuple_, union_all
from sqlalchemy.sql.elements import ColumnElement

from service.leads.lead import Channel, Kind, Lead, State
from service.slices import in_slices
from service.storage.database import Connection
from service.storage.leads.signal_tables import lead_identities, lead_signals
from service.storage.rows import lead_of
from service.storage.tables import leads

LOOKED_THROUGH = 10_000  # leads that one page's statement reads, however few match
CLOCK_SKEW = timedelta(minutes=5)  # ids come from the clocks of several replicas

COLUMNS = {
    "queue": leads.c.queue,
    "state": leads.c.state,
    "kind": leads.c.kind,
    "channel": leads.c.channel,
    "outcome": leads.c.outcome,
    "customer": leads.c.customer_id,
}


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """A filter of leads; None matches any.

    `sender` is a source with, if not None, the sender's id of a signal that opened or joined the
    lead. `phones` are pairs of a queue and an identity. `operator` holds or settled the lead.
    `since` is included, `until` is not; both are times of creation. `before` is the last id of an
    earlier page.
    """

    queue: str | None = None
    state: State | None = None
    kind: Kind | None = None
    channel: Channel | None = None
    outcome: str | None = None
    customer: str | None = None
    sender: tuple[str, str | None] | None = None
    phones: Sequence[tuple[str, str]] | None = None
    operator: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    before: UUID | None = None


@dataclass(frozen=True, slots=True)
class LeadPage:
    """Leads, the newest first; `next` is the `before` of the next page, None at the end."""

    leads: Sequence[Lead]
    next: UUID | None


async def search_leads(connection: Connection, wanted: LeadFilter, limit: int) -> LeadPage:
    """A page of at most `limit` leads.

    A search without a fitting index looks only at the next 10 000 leads. Such a page may have fewer
    leads than `limit`, or none, and still have a next page.
    """
    conditions = _conditions(wanted)
    last = None if _is_selective(wanted) else await _end_of_window(connection, wanted)
    statement = select(leads).where(*conditions).order_by(leads.c.id.desc()).limit(limit)
    if last is not None:
        statement = statement.where(leads.c.id >= last)
    rows = (await connection.execute(statement)).mappings().all()
    found = await in_slices(lead_of, rows)
    return LeadPage(found, found[-1].id if len(found) == limit else last)


def _is_selective(wanted: LeadFilter) -> bool:
    """Whether an index leads directly to the matching leads."""
    weak = (wanted.kind, wanted.channel, wanted.text, wanted.since, wanted.until)
    exact = wanted.sender is not None and wanted.sender[1] is not None
    strong = exact or wanted.customer is not None or wanted.phones is not None
    only_source = wanted.sender is not None and not exact
    return strong or (all(item is None for item in weak) and not only_source)


async def _end_of_window(connection: Connection, wanted: LeadFilter) -> UUID | None:
    """The last id that this page looks at; None when it reaches the oldest possible lead."""
    window = select(leads.c.id, leads.c.created_at).order_by(leads.c.id.desc())
    if wanted.queue is not None:
        window = window.where(leads.c.queue == wanted.queue)
    if wanted.before is not None:
        window = window.where(leads.c.id < wanted.before)
    row = (await connection.execute(window.offset(LOOKED_THROUGH - 1).limit(1))).first()
    if row is None or (wanted.since is not None and row.created_at < wanted.since - CLOCK_SKEW):
        return None
    last: UUID = row.id
    return last


def _conditions(wanted: LeadFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        column == value
        for name, column in COLUMNS.items()
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.sender is not None:
        found.append(_of_sender(*wanted.sender))
    if wanted.phones is not None:
        found.append(_of_identities(wanted.phones))
    if wanted.operator is not None:
        found.append(
            or_(leads.c.claimed_by == wanted.operator, leads.c.settled_by == wanted.operator)
        )
    if wanted.since is not None:
        found.append(leads.c.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(leads.c.created_at < wanted.until)
    if wanted.text is not None:
        found.append(leads.c.text.icontains(wanted.text, autoescape=True))
    if wanted.before is not None:
        found.append(leads.c.id < wanted.before)
    return found


def _of_sender(source: str, external_id: str | None) -> ColumnElement[bool]:
    if external_id is None:
        return leads.c.source == source
    opened = select(leads.c.id).where(leads.c.source == source, leads.c.external_id == external_id)
    joined = select(lead_signals.c.lead_id).where(
        lead_signals.c.source == source,
        lead_signals.c.external_id == external_id,
        lead_signals.c.sort == "joined",
    )
    return leads.c.id.in_(union_all(opened, joined))


def _of_identities(identities: Sequence[tuple[str, str]]) -> ColumnElement[bool]:
    of_client = tuple_(lead_identities.c.queue, lead_identities.c.identity).in_(identities)
    return leads.c.id.in_(select(lead_identities.c.lead_id).where(of_client))
