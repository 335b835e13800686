"""Sources of webhooks: accounts of senders, with their secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, insert
from sqlalchemy.sql.selectable import ScalarSelect

from service.adapters.queue_by import queue_by_of
from service.adapters.source import Places, Source
from service.leads.errors import SourceNotFound
from service.storage.database import Connection
from service.storage.operators.operators import NEW_ROW
from service.storage.rows import Row
from service.storage.senders.delivery_tables import deliveries, ignored_events, sources

MAX_SOURCES = 10_000
MAX_LEARNT = 1000
MAX_IGNORED = 20_000
PLACES = ("region", "time_zone", "currency")


@dataclass(frozen=True, slots=True)
class Proof:
    """A stored secret: sealed, or the digest of an address's token.

    A secret with an `until` was replaced by a newer one, and is valid until then.
    """

    stored: str
    since: datetime
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether the secret is valid at a moment."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source as it is stored.

    `spec` has no secrets, and only the options that were given. The newest of each secret, and of
    the address's tokens, comes first.
    """

    spec: Source
    secrets: Mapping[str, tuple[Proof, ...]]
    tokens: tuple[Proof, ...]
    created_at: datetime
    changed_at: datetime
    silent_since: datetime | None = None

    @property
    def name(self) -> str:
        """The name of the source."""
        return self.spec.name


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Counts of a source's deliveries by state, and of its requests without proof."""

    waiting: int = 0
    read: int = 0
    ignored: int = 0
    quarantined: int = 0
    refused: int = 0
    last_at: datetime | None = None
    last_refused_at: datetime | None = None


@dataclass(slots=True)
class IgnoredCounts:
    """Counts of ignored events by reason, and by the sender's name of unknown types."""

    reasons: dict[str, int] = field(default_factory=dict)
    unknown_types: dict[str, int] = field(default_factory=dict)


COUNTED = [item.name for item in fields(Deliveries)]


async def find_source(
    connection: Connection, name: str, *, to_change: bool = False
) -> StoredSource | None:
    """A source; with `to_change` it is locked, and none of its deliveries comes in meanwhile."""
    statement = select(sources).where(sources.c.name == name)
    statement = statement.with_for_update() if to_change else statement
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else _source_of(row)


async def list_sources(connection: Connection) -> list[StoredSource]:
    """All sources by name, at most 10 000."""
    statement = select(sources).order_by(sources.c.name).limit(MAX_SOURCES)
    return [_source_of(row) for row in (await connection.execute(statement)).mappings()]


async def put_source(connection: Connection, stored: StoredSource) -> bool:
    """Store a source; True when it is new."""
    spec = stored.spec
    columns = {
        **{name: getattr(spec, name) for name in ("adapter", "queue", "default_operator")},
        **{name: getattr(spec.places, name) for name in PLACES},
        "mapping": spec.mapping,
        "extensions": list(spec.extensions),
        "queue_by": None if spec.queue_by is None else spec.queue_by.written,
        "own_marks": sorted(spec.own_marks),
        "options": dict(spec.options),
        "operators": dict(spec.operators),
        "secrets": {name: _written(proofs) for name, proofs in stored.secrets.items()},
        "tokens": _written(stored.tokens),
        "changed_at": stored.changed_at,
    }
    row = await connection.execute(
        insert(sources)
        .values(name=spec.name, created_at=stored.created_at, **columns)
        .on_conflict_do_update(index_elements=[sources.c.name], set_=columns)
        .returning(NEW_ROW)
    )
    return bool(row.scalar_one())


async def learn_extension(connection: Connection, name: str, extension: str) -> None:
    """Store an extension that an exchange named, once."""
    learnt = sources.c.learnt_extensions
    is_new = (literal(extension) != func.all(learnt)) & (func.cardinality(learnt) < MAX_LEARNT)
    await connection.execute(
        update(sources)
        .where(sources.c.name == name, is_new)
        .values(learnt_extensions=func.array_append(learnt, extension))
    )


async def sources_into(connection: Connection, queue: str) -> list[str]:
    """The names of sources whose signals go to a queue, at most 100."""
    named = sources.c.queue_by["map"].op("@?")(literal(f'$.* ? (@ == "{queue}")').cast(JSONPATH))
    otherwise = sources.c.queue_by["else"].astext == queue
    statement = select(sources.c.name).where(or_(sources.c.queue == queue, named, otherwise))
    return list(await connection.scalars(statement.order_by(sources.c.name).limit(100)))


async def drop_operator(connection: Connection, name: str) -> None:
    """Remove an operator from the settings of all sources; nothing else of them is written."""
    values = literal("$.*").cast(JSONPATH)
    named = func.jsonb_path_query_array(sources.c.operators, values, type_=JSONB).contains([name])
    statement = select(sources.c.name, sources.c.operators, sources.c.default_operator).where(
        or_(named, sources.c.default_operator == name)
    )
    for row in await connection.execute(statement.order_by(sources.c.name).with_for_update()):
        others = {theirs: ours for theirs, ours in row.operators.items() if ours != name}
        default = None if row.default_operator == name else row.default_operator
        await connection.execute(
            update(sources)
            .where(sources.c.name == row.name)
            .values(operators=others, default_operator=default)
        )


async def has_unread(connection: Connection, name: str) -> bool:
    """Whether a source has deliveries that are not read yet."""
    unread = exists().where(deliveries.c.source == name, deliveries.c.state == "received")
    return bool(await connection.scalar(select(unread)))


async def drop_source(connection: Connection, name: str) -> None:
    """Delete a source with all its deliveries; raises SourceNotFound."""
    gone = await connection.execute(
        delete(sources).where(sources.c.name == name).returning(sources.c.name)
    )
    if gone.first() is None:
        raise SourceNotFound(f"No source is called `{name}`.")


async def deliveries_of(
    connection: Connection, name: str | None = None
) -> Mapping[str, Deliveries]:
    """Counts of deliveries, by source: of one, or of all."""
    newest = (
        select(deliveries.c.received_at)
        .where(deliveries.c.source == sources.c.name)
        .order_by(deliveries.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    counted = select(
        *(sources.c[column] for column in ("name", "read", "ignored", "refused")),
        sources.c.last_refused_at,
        func.greatest(sources.c.last_delivery_at, newest).label("last_at"),
        _count("received").label("waiting"),
        _count("quarantined").label("quarantined"),
    )
    statement = counted if name is None else counted.where(sources.c.name == name)
    rows = (await connection.execute(statement.limit(MAX_SOURCES))).mappings()
    return {row["name"]: Deliveries(**{name: row[name] for name in COUNTED}) for row in rows}


async def ignored_of(
    connection: Connection, name: str | None = None
) -> Mapping[str, IgnoredCounts]:
    """Counts of ignored events, by source: of one, or of all."""
    statement = select(ignored_events).order_by(ignored_events.c.count.desc()).limit(MAX_IGNORED)
    if name is not None:
        statement = statement.where(ignored_events.c.source == name)
    found: dict[str, IgnoredCounts] = {}
    for row in (await connection.execute(statement)).mappings():
        counts = found.setdefault(row["source"], IgnoredCounts())
        reason, called = row["reason"], row["name"]
        counts.reasons[reason] = counts.reasons.get(reason, 0) + row["count"]
        if called:
            counts.unknown_types[called] = counts.unknown_types.get(called, 0) + row["count"]
    return found


def _count(state: str) -> ScalarSelect[int]:
    of_source = (deliveries.c.source == sources.c.name) & (deliveries.c.state == state)
    return select(func.count()).select_from(deliveries).where(of_source).scalar_subquery()


def _written(proofs: Sequence[Proof]) -> list[dict[str, object]]:
    return [{"kept": proof.stored, "since": proof.since, "until": proof.until} for proof in proofs]


def _proofs_of(spec: Sequence[Mapping[str, Any]]) -> tuple[Proof, ...]:
    return tuple(
        Proof(item["kept"], datetime.fromisoformat(item["since"]), _moment(item["until"]))
        for item in spec
    )


def _moment(spec: str | None) -> datetime | None:
    return None if spec is None else datetime.fromisoformat(spec)


def _source_of(row: Row) -> StoredSource:
    spec = Source(
        **{name: row[name] for name in ("name", "adapter", "queue", "default_operator")},
        places=Places(**{name: row[name] for name in PLACES}),
        mapping=row["mapping"],
        extensions=tuple(row["extensions"]),
        learnt_extensions=frozenset(row["learnt_extensions"]),
        own_marks=frozenset(row["own_marks"]),
        options=row["options"],
        operators=row["operators"],
        queue_by=None if row["queue_by"] is None else queue_by_of(row["queue_by"]),
    )
    secrets = {name: _proofs_of(spec) for name, spec in row["secrets"].items()}
    return StoredSource(
        spec,
        secrets,
        _proofs_of(row["tokens"]),
        row["created_at"],
        row["changed_at"],
        row["silent_since"],
    )
