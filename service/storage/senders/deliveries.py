"""Stored deliveries: taking them for reading, their results, listing, deletion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from service.adapters.ignored import IgnoredReason
from service.leads.errors import DeliveryNotFound
from service.storage.database import Connection, Database
from service.storage.json_rows import as_json
from service.storage.rows import Row
from service.storage.senders.delivery_tables import deliveries, ignored_events, sources

ERASED_WITH_CLIENT = IgnoredReason.ERASED.value
UNLISTED = ("request", "once", "broken_off", "traceparent")
LISTED = [column for column in deliveries.c if column.name not in UNLISTED]

_DUE = """
SELECT name, {asks} AS asks FROM sources, LATERAL (
    SELECT FROM deliveries
    WHERE source = sources.name AND state = 'received' AND next_try_at <= $1
    LIMIT 1
) AS due
WHERE name <> ALL($2::text[]) AND (adapter = ANY($3::text[])) = {asks}
ORDER BY name LIMIT {most}
"""
DUE_SOURCES = f"""
({_DUE.format(asks="false", most="$4")}) UNION ALL ({_DUE.format(asks="true", most="$5")})
"""

# Nobody else reads them until the lease is over; if the reader dies, they are read again then.
_TAKE = """
UPDATE deliveries SET
    attempts = attempts + 1, broken_off = broken_off + 1,
    next_try_at = $2::timestamptz + $4::interval
WHERE id IN (
    SELECT id FROM deliveries
    WHERE source = $1 AND state = 'received' AND next_try_at <= $2
        AND broken_off {suspected} 2
    ORDER BY next_try_at, id LIMIT $3
    FOR UPDATE SKIP LOCKED
)
RETURNING id, source, received_at, request, attempts, broken_off, traceparent
"""
TAKE = _TAKE.format(suspected="<")
TAKE_SUSPECTED = _TAKE.format(suspected=">=")

# A late reader whose lease was over finds the delivery read, and records nothing a second time. A
# request about an erased client ($8) is emptied, because it identifies the client.
FINISH = """
WITH done AS (
    UPDATE deliveries SET state = $2, reason = $3, read_at = $4, result = $5::text::jsonb,
        request = CASE WHEN $8 THEN '' ELSE request END,
        size = CASE WHEN $8 THEN 0 ELSE size END
    WHERE id = $1 AND state = 'received'
    RETURNING source, received_at
), counted AS (
    INSERT INTO ignored_events (source, reason, name, count, last_at)
    SELECT done.source, item.reason, item.name, count(*), $4
    FROM done, unnest($6::text[], $7::text[]) AS item (reason, name)
    GROUP BY done.source, item.reason, item.name ORDER BY item.reason, item.name
    ON CONFLICT (source, reason, name) DO UPDATE SET
        count = ignored_events.count + excluded.count,
        last_at = greatest(ignored_events.last_at, excluded.last_at)
)
UPDATE sources SET
    read = read + ($2 = 'read')::int,
    ignored = ignored + ($2 = 'ignored')::int,
    last_delivery_at = greatest(last_delivery_at, done.received_at)
FROM done WHERE name = done.source
"""

AGAIN_LATER = """
UPDATE deliveries SET next_try_at = $2, reason = $3, broken_off = 0
WHERE id = $1 AND state = 'received'
"""

DROP_OLD = """
DELETE FROM deliveries WHERE id IN (
    SELECT old.id
    FROM json_to_recordset($1::text::json) AS kept (source text, state text, before timestamptz),
    LATERAL (
        SELECT id FROM deliveries
        WHERE source = kept.source AND state = kept.state AND received_at < kept.before
        ORDER BY received_at LIMIT $2
        FOR UPDATE SKIP LOCKED
    ) AS old
    LIMIT $2
)
RETURNING id
"""
QUEUES_OF_SOURCES = "SELECT name, queue FROM sources ORDER BY name LIMIT 10000"


class DeliveryState(StrEnum):
    """The state of a delivery."""

    RECEIVED = "received"
    READ = "read"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that this process may read for a moment; its request is sealed.

    `broken_off` counts readings without a recorded end, this one included.
    """

    id: UUID
    source: str
    received_at: datetime
    request: bytes
    attempts: int
    broken_off: int
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The result of a delivery: its state, the reason, and the result of each event in it."""

    id: UUID
    state: DeliveryState
    reason: str | None = None
    result: Sequence[Mapping[str, object]] | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """A filter of deliveries; None matches any.

    With a `reason` only deliveries ignored for it match. `before` is the last id of an earlier
    page.
    """

    state: DeliveryState | None = None
    source: str | None = None
    reason: IgnoredReason | None = None
    before: UUID | None = None


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """A stored delivery; `size` is the size of its body in bytes."""

    id: UUID
    source: str
    received_at: datetime
    size: int
    state: DeliveryState
    attempts: int
    next_try_at: datetime
    reason: str | None
    read_at: datetime | None
    result: Sequence[Mapping[str, Any]] | None

    @property
    def is_erased(self) -> bool:
        """Whether its content was erased together with its client."""
        return self.reason == ERASED_WITH_CLIENT


async def due_sources(
    database: Database,
    now: datetime,
    besides: Sequence[str],
    asking: Sequence[str],
    limit: tuple[int, int],
) -> list[tuple[str, bool]]:
    """Sources with deliveries to read now, and whether their adapter is one of `asking`.

    At most `limit[0]` sources have another adapter, and at most `limit[1]` have one of `asking`.
    """
    found = await database.fetch(DUE_SOURCES, now, list(besides), list(asking), *limit)
    return [(row["name"], row["asks"]) for row in found]


async def take_due(
    database: Database, source: str, now: datetime, lease: timedelta, limit: int
) -> list[Taken]:
    """Take a source's due deliveries, the oldest first.

    A delivery whose reading was broken off twice may be the cause; only `take_suspected` takes it.
    """
    rows = await database.fetch(TAKE, source, now, limit, lease)
    return sorted((Taken(**row) for row in rows), key=lambda item: item.id)


async def take_suspected(
    database: Database, source: str, now: datetime, lease: timedelta
) -> list[Taken]:
    """Take one delivery that may have ended its readers, alone, so that no other suffers."""
    return [Taken(**row) for row in await database.fetch(TAKE_SUSPECTED, source, now, 1, lease)]


async def finish(database: Database, finished: Finished, now: datetime) -> None:
    """Record the result of a taken delivery."""
    result = None if finished.result is None else as_json(finished.result)
    reasons = [ignored_as(item) for item in finished.result or () if item.get("reason")]
    gone = _speaks_of_erased(finished)
    reason = ERASED_WITH_CLIENT if gone else finished.reason
    arguments = (finished.id, finished.state.value, reason, now, result)
    await database.fetch(FINISH, *arguments, *([*column] for column in _columns(reasons)), gone)


def _speaks_of_erased(finished: Finished) -> bool:
    """Whether an event in it was dropped for an erasure; a quarantined one may still be read."""
    if finished.state is DeliveryState.QUARANTINED:
        return False
    return any(item.get("reason") == IgnoredReason.ERASED for item in finished.result or ())


def ignored_as(item: Mapping[str, object]) -> tuple[str, str]:
    """The reason of an ignored event, and for an unknown type the sender's name of the type."""
    is_unknown = item["reason"] == IgnoredReason.UNKNOWN_TYPE
    return str(item["reason"]), str(item.get("name") or "") if is_unknown else ""


def _columns(reasons: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [reason for reason, _ in reasons], [name for _, name in reasons]


async def try_again(database: Database, delivery: UUID, at: datetime, reason: str) -> None:
    """Let a delivery that could not be read wait until a time."""
    await database.fetch(AGAIN_LATER, delivery, at, reason)


async def queues_of_sources(database: Database) -> dict[str, str]:
    """The queue of each source."""
    return {row["name"]: row["queue"] for row in await database.fetch(QUEUES_OF_SOURCES)}


async def drop_old(
    database: Database, kept: Sequence[tuple[str, DeliveryState, datetime]], limit: int
) -> int:
    """Delete deliveries from before a time, given by source and state; returns how many."""
    rows = [
        {"source": source, "state": state.value, "before": before} for source, state, before in kept
    ]
    return len(await database.fetch(DROP_OLD, as_json(rows), limit))


async def find_delivery(
    connection: Connection, delivery_id: UUID, *, to_change: bool = False
) -> tuple[StoredDelivery, bytes]:
    """A delivery and its sealed request, locked if `to_change`; raises DeliveryNotFound."""
    statement = select(deliveries).where(deliveries.c.id == delivery_id)
    statement = statement.with_for_update() if to_change else statement
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        raise DeliveryNotFound(f"No delivery has the id {delivery_id}.")
    return _delivery_of(row), row["request"]


async def list_deliveries(
    connection: Connection, wanted: DeliveryFilter, limit: int
) -> list[StoredDelivery]:
    """Deliveries, the newest first."""
    statement = select(*LISTED).order_by(deliveries.c.id.desc()).limit(limit)
    ignored = None if wanted.reason is None else DeliveryState.IGNORED
    for column, value in (
        *(("state", wanted.state), ("source", wanted.source)),
        *(("reason", wanted.reason), ("state", ignored)),
    ):
        if value is not None:
            statement = statement.where(deliveries.c[column] == value)
    if wanted.before is not None:
        statement = statement.where(deliveries.c.id < wanted.before)
    return [_delivery_of(row) for row in (await connection.execute(statement)).mappings()]


async def let_read_again(connection: Connection, delivery: StoredDelivery, now: datetime) -> None:
    """Let a locked delivery be read again, as if it were new."""
    fresh = {"state": "received", "attempts": 0, "broken_off": 0, "next_try_at": now}
    forgotten = {"reason": None, "read_at": None, "result": None}
    this = deliveries.c.id == delivery.id
    await connection.execute(update(deliveries).where(this).values({**fresh, **forgotten}))
    if delivery.state in (DeliveryState.READ, DeliveryState.IGNORED):
        counted = sources.c[delivery.state.value]
        of_source = sources.c.name == delivery.source
        await connection.execute(update(sources).where(of_source).values({counted: counted - 1}))
    await _count_back(connection, delivery)


async def _count_back(connection: Connection, delivery: StoredDelivery) -> None:
    """Take back the counts of ignored events; the next reading counts them again."""
    for item in delivery.result or ():
        if item.get("reason"):
            reason, name = ignored_as(item)
            columns = ignored_events.c
            this = (columns.source == delivery.source) & (columns.reason == reason)
            this &= (columns.name == name) & (columns.count > 0)
            counted = {"count": columns.count - 1}
            await connection.execute(update(ignored_events).where(this).values(counted))


async def let_quarantined_read_again(
    connection: Connection, source: str, now: datetime, limit: int
) -> int:
    """Let quarantined deliveries be read again, the oldest first; returns how many."""
    chosen = (
        select(deliveries.c.id)
        .where(deliveries.c.source == source, deliveries.c.state == DeliveryState.QUARANTINED)
        .order_by(deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(deliveries)
        .where(deliveries.c.id.in_(chosen))
        .values(
            **{"state": "received", "attempts": 0, "broken_off": 0, "next_try_at": now},
            **{"reason": None, "read_at": None, "result": None},
        )
        .returning(deliveries.c.id)
    )
    return len((await connection.execute(statement)).all())


def _delivery_of(row: Row) -> StoredDelivery:
    names = [column.name for column in LISTED if column.name != "state"]
    return StoredDelivery(state=DeliveryState(row["state"]), **{name: row[name] for name in names})
