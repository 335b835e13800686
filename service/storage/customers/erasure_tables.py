"""The tables of erasing: erasures, tombstones, and how far retention has come."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from service.storage.tables import Moment, metadata

# Nothing here identifies the client. `wanted` is sealed and deleted once the search is finished.
erasures = Table(
    "erasures",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("wanted", LargeBinary),
    # deliveries up to this one were searched
    Column("looked_until", Uuid),
    Column("finished_at", Moment),
    CheckConstraint("(wanted IS NULL) = (finished_at IS NOT NULL)", name="wanted"),
    Index("erasures_unfinished_idx", "at", postgresql_where=text("finished_at IS NULL")),
)

# The keyed hash of a mark, or of a signal's id at its sender; older signals with it are dropped.
tombstones = Table(
    "tombstones",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("dropped", BigInteger, nullable=False, server_default="0"),
    Column("last_dropped_at", Moment),
    CheckConstraint("length(digest) = 32", name="digest"),
)

# The last settled lead of a queue whose texts, or events, retention has deleted.
retention_horizons = Table(
    "retention_horizons",
    metadata,
    Column("queue", Text, ForeignKey("queues.name"), primary_key=True),
    Column("what", Text, primary_key=True),
    Column("settled_at", Moment, nullable=False),
    Column("lead_id", Uuid, nullable=False),
    CheckConstraint("what IN ('texts', 'events')", name="what"),
)
