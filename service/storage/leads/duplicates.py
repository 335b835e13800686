"""Finds the lead of a repeated signal; a repetition changes nothing."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Table, or_, select
from sqlalchemy.sql.elements import ColumnElement

from service.leads.binding import UNBOUND, Binding
from service.leads.errors import SignalTaken
from service.leads.lead import Lead, Signal
from service.leads.unchanging import unchanging
from service.storage.database import Connection, Database
from service.storage.leads.merge_target import merge_target_of
from service.storage.leads.signal_tables import lead_signals
from service.storage.rows import lead_of
from service.storage.tables import leads

ONE_SIGNAL = frozenset({"leads_sender_key", "leads_idempotency_key"})


@unchanging
class Sender:
    """The sender of a signal, and what identifies a repetition.

    A sender that `owns_source` is a webhook source: nobody else may send for it, and no other
    sender's signal counts as its repetition. A sender that `may_report_orders` reports what the
    shop's own system knows: payments, orders, call tasks, classes, blocks.
    """

    name: str
    idempotency_key: str | None = None
    request_digest: bytes | None = None
    may_read: bool = False
    owns_source: bool = False
    binding: Binding = UNBOUND
    may_report_orders: bool = True


@unchanging
class Duplicate:
    """The lead of an earlier request of the same sender, and when that request came."""

    lead: Lead
    at: datetime
    created_by: str
    idempotency_key: str | None
    request_digest: bytes | None


def marks_of(
    table: Table, source: str, external_id: str | None, teller: str, key: str | None
) -> Iterator[ColumnElement[bool]]:
    """Conditions for the lead, or the stored signal, of the same signal; each is unique.

    The sender's idempotency key comes first; an unset value gives no condition.
    """
    rows = table.c
    if key is not None:
        yield (rows.created_by == teller) & (rows.idempotency_key == key)
    if external_id is not None:
        yield (rows.source == source) & (rows.external_id == external_id)


async def find_duplicate(database: Database, signal: Signal, sender: Sender) -> Duplicate | None:
    """The lead of an earlier copy of the signal; a match by idempotency key goes first.

    Raises SignalTaken for a webhook source when another sender sent the signal in its name.
    """
    existing = await _find_duplicate(database, signal, sender)
    if existing is not None and sender.owns_source and existing.created_by != sender.name:
        raise SignalTaken(
            f"`{existing.created_by}` sent this id in the source's name before; it is part of the"
            f" lead {existing.lead.id}."
        )
    return existing


async def _find_duplicate(database: Database, signal: Signal, sender: Sender) -> Duplicate | None:
    marks = (signal.source, signal.external_id, sender.name, sender.idempotency_key)
    async with database.transaction() as connection:
        for same in marks_of(leads, *marks):
            row = (await connection.execute(select(leads).where(same))).mappings().first()
            if row is not None:
                key, digest = row["idempotency_key"], row["request_digest"]
                lead = await merge_target_of(connection, lead_of(row))
                return Duplicate(lead, row["created_at"], row["created_by"], key, digest)
        return await _joined_before(connection, [*marks_of(lead_signals, *marks)])


async def _joined_before(
    connection: Connection, same: Sequence[ColumnElement[bool]]
) -> Duplicate | None:
    """The lead that an earlier copy of the signal joined."""
    if not same:
        return None
    stored = lead_signals.c
    statement = (
        select(leads, stored.created_by.label("teller"), stored.idempotency_key.label("key"))
        .add_columns(stored.request_digest.label("digest"), stored["at"].label("told_first_at"))
        .join_from(lead_signals, leads, leads.c.id == stored.lead_id)
        .where(stored.sort == "joined", or_(*same))
        .limit(1)
    )
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        return None
    lead = await merge_target_of(connection, lead_of(row))
    return Duplicate(lead, row["told_first_at"], row["teller"], row["key"], row["digest"])
