"""Finds the lead of a repeated signal; a repetition changes nothing."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Table
from sqlalchemy.sql.elements import ColumnElement

from service.leads.binding import UNBOUND, Binding
from service.leads.errors import SignalTaken
from service.leads.lead import Lead, Signal
from service.leads.unchanging import unchanging
from service.storage.database import Database
from service.storage.leads.merge_target import merge_target_of
from service.storage.rows import lead_of

ONE_SIGNAL = frozenset({"leads_sender_key", "leads_idempotency_key"})

# The lead that the signal opened, by the sender's idempotency key or by its id, else the lead that
# it joined. Each condition has an index.
OPENED = """
SELECT *, {place} AS place, created_by AS teller, idempotency_key AS key, request_digest AS digest,
    created_at AS told_first_at
FROM leads WHERE {same}
"""
JOINED = """
SELECT leads.*, 3 AS place, stored.created_by AS teller, stored.idempotency_key AS key,
    stored.request_digest AS digest, stored.at AS told_first_at
FROM lead_signals AS stored JOIN leads ON leads.id = stored.lead_id
WHERE stored.sort = 'joined' AND stored.{same}
"""
BY_KEY = "created_by = $1::text AND {}idempotency_key = $2::text"
BY_ID = "source = $3::text AND {}external_id = $4::text"
SAME_SIGNAL = " UNION ALL ".join(
    (
        OPENED.format(place=1, same=BY_KEY.format("")),
        OPENED.format(place=2, same=BY_ID.format("")),
        JOINED.format(same=BY_KEY.format("stored.")),
        JOINED.format(same=BY_ID.format("stored.")),
    )
)
SAME_SIGNAL = f"SELECT * FROM ({SAME_SIGNAL}) AS found ORDER BY place LIMIT 1"


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
    marks = (sender.name, sender.idempotency_key, signal.source, signal.external_id)
    if signal.external_id is None and sender.idempotency_key is None:
        return None
    for row in await database.fetch(SAME_SIGNAL, *marks):
        lead = await merge_target_of(database, lead_of(row))
        return Duplicate(lead, row["told_first_at"], row["teller"], row["key"], row["digest"])
    return None
