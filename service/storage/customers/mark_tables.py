"""The tables of marks: marks of cards, marks of nobody, blocked marks, merges."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from service.storage.tables import Moment, metadata

# `shop`: from the shop's own system; `learned`: from signals and operators.
customer_marks = Table(
    "customer_marks",
    metadata,
    Column("mark", Text, primary_key=True),
    Column(
        "external_id",
        Text,
        ForeignKey("customers.external_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("origin", Text, primary_key=True),
    Column("strength", SmallInteger, nullable=False),
    Column("at", Moment, nullable=False),
    CheckConstraint("origin IN ('shop', 'learned')", name="origin"),
    CheckConstraint("strength BETWEEN 1 AND 3", name="strength"),
    CheckConstraint("length(mark) <= 600", name="mark"),
    Index("customer_marks_external_id_idx", "external_id"),
)

# Marks that identify nobody: lines of our own sources (for every queue: ''), and marks that too
# many clients of a queue share.
nobodys_marks = Table(
    "nobodys_marks",
    metadata,
    Column("queue", Text, primary_key=True),
    Column("mark", Text, primary_key=True),
    Column("why", Text, nullable=False),
    Column("source", Text),
    Column("at", Moment, nullable=False),
    CheckConstraint("why IN ('line', 'shared')", name="why"),
    CheckConstraint("length(mark) <= 600", name="mark"),
)

blocked_marks = Table(
    "blocked_marks",
    metadata,
    Column("mark", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("until", Moment),
    CheckConstraint("length(mark) <= 600", name="mark"),
)

# The merges of clients; `customers.merged_into` follows from those that are not undone.
client_merges = Table(
    "client_merges",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("into_client", Text, nullable=False),
    Column("from_client", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    # the leads that were merged by it, and the marks that a card got
    Column("details", JSONB(none_as_null=True), nullable=False),
    Column("undone_at", Moment),
    Column("undone_by", Text),
    # why it is undone, as long as leads of the two are still to be taken apart
    Column("undoing", Text),
    Index(
        "client_merges_from_client_idx", "from_client", postgresql_where=text("undone_at IS NULL")
    ),
    Index("client_merges_undoing_idx", "undone_at", postgresql_where=text("undoing IS NOT NULL")),
)
