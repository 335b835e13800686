"""The lead that a signal came to before: whoever repeats himself changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.sql.elements import ColumnElement

from service.leads.lead import Lead, Signal
from service.storage.database import Connection, Database
from service.storage.rows import lead_of
from service.storage.signal_tables import lead_signals
from service.storage.tables import leads

MOST_JOINS = 10


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a signal, and how he would be known to repeat himself."""

    name: str
    idempotency_key: str | None = None
    request_digest: bytes | None = None
    may_read: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """The lead that an earlier request of the same sender brought, and when it came."""

    lead: Lead
    at: datetime
    created_by: str
    idempotency_key: str | None
    request_digest: bytes | None


async def find_known(database: Database, signal: Signal, sender: Sender) -> Known | None:
    """The lead that the same signal came to before, the one of its idempotency key first."""
    async with database.transaction() as connection:
        for same in _sames(signal, sender):
            row = (await connection.execute(select(leads).where(same))).mappings().first()
            if row is not None:
                key, digest = row["idempotency_key"], row["request_digest"]
                lead = await _present(connection, lead_of(row))
                return Known(lead, row["created_at"], row["created_by"], key, digest)
        return await _joined_before(connection, signal, sender)


async def _present(connection: Connection, lead: Lead) -> Lead:
    """The lead that it was joined into, as often as it was; else itself."""
    for _ in range(MOST_JOINS):
        if lead.joined_into is None:
            break
        row = await connection.execute(select(leads).where(leads.c.id == lead.joined_into))
        lead = lead_of(row.mappings().one())
    return lead


async def _joined_before(connection: Connection, signal: Signal, sender: Sender) -> Known | None:
    """The lead that an earlier one of the same signal joined."""
    kept = lead_signals.c
    same: list[ColumnElement[bool]] = []  # what was not said is nobody's mark
    if signal.external_id is not None:
        same.append(and_(kept.source == signal.source, kept.external_id == signal.external_id))
    if sender.idempotency_key is not None:
        key = kept.idempotency_key == sender.idempotency_key
        same.append(and_(kept.created_by == sender.name, key))
    if not same:
        return None
    statement = (
        select(leads, kept.created_by.label("teller"), kept.idempotency_key.label("key"))
        .add_columns(kept.request_digest.label("digest"), kept["at"].label("told_first_at"))
        .join_from(lead_signals, leads, leads.c.id == kept.lead_id)
        .where(kept.sort == "joined", or_(*same))
        .limit(1)
    )
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        return None
    lead = await _present(connection, lead_of(row))
    return Known(lead, row["told_first_at"], row["teller"], row["key"], row["digest"])


def _sames(signal: Signal, sender: Sender) -> Iterator[ColumnElement[bool]]:
    """The ways in which a lead can be the same one, each of them unique."""
    if sender.idempotency_key is not None:
        yield (leads.c.created_by == sender.name) & (
            leads.c.idempotency_key == sender.idempotency_key
        )
    if signal.external_id is not None:
        yield (leads.c.source == signal.source) & (leads.c.external_id == signal.external_id)
