"""The signals that a lead was made of, as they came."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, exists, func, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import Insert, insert

from service.leads.lead import Lead, Signal
from service.storage.database import Connection, Database
from service.storage.json_rows import as_json
from service.storage.leads.duplicates import marks_of
from service.storage.leads.merge_target import add_merged
from service.storage.leads.signal_tables import lead_signals
from service.storage.rows import Row, signal_columns, signal_of
from service.storage.tables import leads

OF_OTHERS = "SELECT FROM lead_signals WHERE lead_id = $1 AND created_by <> $2 LIMIT 1"
TIMES = ("received_at", "needed_by", "task_opened_at", "task_expires_at")


class Sort(StrEnum):
    """The role of a stored signal: it opened a lead, joined one, or changed its facts."""

    OPENING = "opening"
    JOINED = "joined"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class StoredSignal:
    """A signal as it came at `told_at`, and the evidence that links it to the lead's client.

    `facts` are columns of the leads table: all of a signal, or only those that a change changed. An
    opening signal has the id of its lead. A change belongs to the signal that it `changes`.
    """

    id: UUID
    lead_id: UUID
    at: datetime
    sort: Sort
    created_by: str
    source: str
    told_at: datetime
    facts: Mapping[str, Any]
    external_id: str | None = None
    idempotency_key: str | None = None
    request_digest: bytes | None = None
    evidence: tuple[str, ...] = ()
    changes: UUID | None = None

    @property
    def signal(self) -> Signal:
        """The signal; not for a change."""
        return signal_of_facts(self.facts)


def facts_of(signal: Signal) -> dict[str, Any]:
    """The stored form of a signal."""
    facts: dict[str, Any] = orjson.loads(as_json(signal_columns(signal)))
    return facts


def signal_of_facts(facts: Mapping[str, Any]) -> Signal:
    """The signal of its stored form."""
    unset = {"currency": None, "show": None, "budget_is_limited": False}
    spec = {**unset, **facts}  # older rows have none of them
    for name in TIMES:
        spec[name] = None if spec[name] is None else datetime.fromisoformat(spec[name])
    spec["budget"] = None if spec["budget"] is None else Decimal(spec["budget"])
    return signal_of(spec)


async def insert_signal(connection: Connection, stored: StoredSignal) -> bool:
    """Store a signal; False when its sender's id or idempotency key is already known.

    The lead that it joins must be locked; that may be the lead that it opened.
    """
    marks = (stored.source, stored.external_id, stored.created_by, stored.idempotency_key)
    opened = [select(leads.c.id).where(same) for same in marks_of(leads, *marks)]
    statement = _insert(stored, *(~exists(item) for item in opened)).on_conflict_do_nothing()
    return (await connection.execute(statement.returning(lead_signals.c.id))).first() is not None


async def insert_first_signal(connection: Connection, stored: StoredSignal) -> None:
    """Store the opening signal of a lead, unless the lead has stored signals."""
    existing = exists(select(lead_signals.c.id).where(lead_signals.c.lead_id == stored.lead_id))
    await connection.execute(_insert(stored, ~existing))


async def insert_change(connection: Connection, stored: StoredSignal) -> None:
    """Store a change of the opening signal, or else of the first signal."""
    signals = lead_signals.alias()
    first = (
        select(signals.c.id)
        .where(signals.c.lead_id == stored.lead_id, signals.c.sort != Sort.CHANGE.value)
        .order_by((signals.c.id == stored.lead_id).desc(), signals.c.at, signals.c.id)
        .limit(1)
    )
    await connection.execute(_insert(stored, changes=first.scalar_subquery()))


async def signals_of(connection: Connection, lead_id: UUID) -> list[StoredSignal]:
    """A lead's signals and changes, the oldest first; none for a lead that was only opened."""
    statement = select(lead_signals).where(lead_signals.c.lead_id == lead_id)
    return _in_order(_stored(row) for row in (await connection.execute(statement)).mappings())


async def has_other_senders(database: Database, lead_id: UUID, sender: str) -> bool:
    """Whether any other sender sent a stored signal of a lead."""
    return bool(await database.fetch(OF_OTHERS, lead_id, sender))


async def signals_of_sender(
    connection: Connection, lead_id: UUID, sender: str, limit: int
) -> list[StoredSignal]:
    """A sender's signals of a lead; if there are too many, the first and the last ones."""
    ids = select(lead_signals.c.id).where(
        lead_signals.c.lead_id == lead_id, lead_signals.c.created_by == sender
    )
    # sorted by id, which grows with time and has an index
    first = ids.where(lead_signals.c.sort != Sort.CHANGE.value).order_by(lead_signals.c.id)
    last = ids.order_by(lead_signals.c.id.desc()).limit(limit - 1)
    wanted = union_all(first.limit(1), last).subquery()
    statement = select(lead_signals).where(lead_signals.c.id.in_(select(wanted.c.id)))
    return _in_order(_stored(row) for row in (await connection.execute(statement)).mappings())


async def is_of_several(connection: Connection, lead_id: UUID) -> bool:
    """Whether a lead was made of more than one signal; changes do not count."""
    reported = lead_signals.c.sort != Sort.CHANGE.value
    statement = select(func.count()).where(lead_signals.c.lead_id == lead_id, reported)
    return (await connection.scalar(statement) or 0) > 1


async def names_a_lead(connection: Connection, stored: StoredSignal) -> bool:
    """Whether a lead has this signal's id at its sender."""
    if stored.external_id is None:
        return False
    same = (leads.c.source == stored.source) & (leads.c.external_id == stored.external_id)
    return bool(await connection.scalar(select(exists(select(leads.c.id).where(same)))))


async def put_signal(connection: Connection, stored: StoredSignal) -> None:
    """Replace a stored signal by its current form."""
    await connection.execute(
        update(lead_signals)
        .where(lead_signals.c.id == stored.id)
        .values(told_at=stored.told_at, facts=stored.facts)
    )


async def move_signals(connection: Connection, ids: Collection[UUID], to: UUID) -> None:
    """Move signals to another lead, and with them the merged leads that they opened.

    A lead that was opened by splitting one of them off, and is merged now, goes along too.
    """
    await connection.execute(
        update(lead_signals).where(lead_signals.c.id.in_(ids)).values(lead_id=to)
    )
    named = (leads.c.source == lead_signals.c.source) & (
        leads.c.external_id == lead_signals.c.external_id
    )
    split_off = select(leads.c.id).join(lead_signals, named).where(lead_signals.c.id.in_(ids))
    for opened in (ids, split_off):
        await add_merged(connection, leads.c.id.in_(opened) & (leads.c.id != to), to)


async def pass_signals(connection: Connection, lead_id: UUID, to: UUID) -> None:
    """Move all signals of a lead to another."""
    await connection.execute(
        update(lead_signals).where(lead_signals.c.lead_id == lead_id).values(lead_id=to)
    )


async def brought_signal(connection: Connection, lead: Lead, sender: str) -> bool:
    """Whether a sender opened a lead or sent one of its signals."""
    if lead.brought_by == sender:
        return True
    of_the_client = select(lead_signals.c.id).where(
        lead_signals.c.lead_id == lead.id,
        lead_signals.c.created_by == sender,
        lead_signals.c.sort != Sort.CHANGE.value,
    )
    return bool(await connection.scalar(select(exists(of_the_client))))


def ids_of(signals: Iterable[StoredSignal]) -> list[UUID]:
    """The ids of signals."""
    return [signal.id for signal in signals]


def _in_order(signals: Iterable[StoredSignal]) -> list[StoredSignal]:
    """Signals, the oldest first; a change always comes after the signal that it changes.

    The clock of the replica that took the change may be slow.
    """
    found = [*signals]
    times = {item.id: (item.at, item.id) for item in found}

    def place(
        stored_signal: StoredSignal,
    ) -> tuple[tuple[datetime, UUID], bool, tuple[datetime, UUID]]:
        changed = stored_signal.id if stored_signal.changes is None else stored_signal.changes
        own, first = times[stored_signal.id], times.get(changed, times[stored_signal.id])
        return max(own, first), own < first, own

    return sorted(found, key=place)


def _insert(
    stored: StoredSignal, *conditions: ColumnElement[bool], **computed: ColumnElement[Any]
) -> Insert:
    """The statement that stores a signal if the conditions hold."""
    columns = {name: getattr(stored, name) for name in lead_signals.c.keys()}  # noqa: SIM118
    columns |= {"evidence": list(stored.evidence), "sort": stored.sort.value}
    spec = {name: literal(column, lead_signals.c[name].type) for name, column in columns.items()}
    values = [*{**spec, **computed}.values()]
    return insert(lead_signals).from_select([*columns], select(*values).where(*conditions))


def _stored(row: Row) -> StoredSignal:
    return StoredSignal(
        id=row["id"],
        lead_id=row["lead_id"],
        at=row["at"],
        sort=Sort(row["sort"]),
        created_by=row["created_by"],
        source=row["source"],
        told_at=row["told_at"],
        facts=row["facts"],
        external_id=row["external_id"],
        idempotency_key=row["idempotency_key"],
        request_digest=row["request_digest"],
        evidence=tuple(row["evidence"]),
        changes=row["changes"],
    )
