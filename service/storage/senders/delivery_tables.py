"""The tables of webhooks: sources, deliveries, and the state of telephone calls."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from service.storage.tables import Moment, metadata

NONE_YET = "0"

sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("adapter", Text, nullable=False),
    Column("queue", Text, ForeignKey("queues.name"), nullable=False),
    # name → its values, the newest first: the sealed value, since when, until when
    Column("secrets", JSONB, nullable=False),
    # the tokens of the secret address in the same form, as digests
    Column("tokens", JSONB, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("operators", JSONB, nullable=False),
    Column("default_operator", Text, ForeignKey("operators.name")),
    # NULL: those of its queue
    Column("time_zone", Text),
    Column("region", Text),
    Column("currency", Text),
    Column("mapping", Text),
    # the exchange's own numbers: the configured ones (`100-199`), and those that it named itself
    Column("extensions", ARRAY(Text), nullable=False, server_default="{}"),
    Column("learnt_extensions", ARRAY(Text), nullable=False, server_default="{}"),
    # since when nothing has come although something should
    Column("silent_since", Moment),
    # numbers and addresses of the shop itself, as marks
    Column("own_marks", ARRAY(Text), nullable=False, server_default="{}"),
    # which signals go to which other queue
    Column("queue_by", JSONB(none_as_null=True)),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    # counts of read deliveries, ignored ones, and requests without proof
    Column("read", BigInteger, nullable=False, server_default=NONE_YET),
    Column("ignored", BigInteger, nullable=False, server_default=NONE_YET),
    Column("refused", BigInteger, nullable=False, server_default=NONE_YET),
    Column("last_delivery_at", Moment),
    Column("last_refused_at", Moment),
    # when it last reported an answer of our own side
    Column("own_answer_at", Moment),
    CheckConstraint("name ~ '^[a-z0-9][a-z0-9_-]{0,63}$'", name="name"),
    CheckConstraint("region ~ '^[A-Z]{2}$'", name="region"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", Text, ForeignKey("sources.name", ondelete="CASCADE"), nullable=False),
    Column("received_at", Moment, nullable=False),
    # the request, sealed, because bodies contain senders' secrets and clients' data
    Column("request", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    # the digest of the sender's own id for it
    Column("once", LargeBinary),
    Column("state", Text, nullable=False, server_default="received"),
    Column("attempts", Integer, nullable=False, server_default=NONE_YET),
    # readings without an end: the delivery may be what ends its readers
    Column("broken_off", Integer, nullable=False, server_default=NONE_YET),
    Column("next_try_at", Moment, nullable=False),
    Column("reason", Text),
    Column("read_at", Moment),
    # the traceparent of the request that brought it
    Column("traceparent", Text),
    # for each event: its name, its lead, or why it is ignored
    Column("result", JSONB(none_as_null=True)),
    CheckConstraint("state IN ('received', 'read', 'ignored', 'quarantined')", name="state"),
    CheckConstraint("length(once) = 32", name="once"),
    Index(
        "deliveries_once_key",
        "source",
        "once",
        unique=True,
        postgresql_where=text("once IS NOT NULL"),
    ),
    # deliveries to read
    Index(
        "deliveries_due_idx",
        "source",
        "next_try_at",
        "id",
        postgresql_where=text("state = 'received'"),
    ),
    # deliveries that a person must look at
    Index(
        "deliveries_quarantined_idx",
        "source",
        "id",
        postgresql_where=text("state = 'quarantined'"),
    ),
    Index("deliveries_state_id_idx", "state", "id"),
    Index("deliveries_source_id_idx", "source", "id"),
    # deliveries that the queue's retention deletes
    Index("deliveries_source_received_at_idx", "source", "received_at"),
    # deliveries ignored for one reason
    Index(
        "deliveries_reason_id_idx",
        "reason",
        "id",
        postgresql_where=text("state = 'ignored'"),
    ),
    # deliveries that are old enough to be deleted
    Index(
        "deliveries_state_received_at_idx",
        "state",
        "received_at",
        postgresql_where=text("state <> 'received'"),
    ),
)

# How many events of a source were ignored, by reason and by the sender's name of their type.
ignored_events = Table(
    "ignored_events",
    metadata,
    Column("source", Text, ForeignKey("sources.name", ondelete="CASCADE"), primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("name", Text, primary_key=True, server_default=""),
    Column("count", BigInteger, nullable=False),
    Column("last_at", Moment, nullable=False),
    CheckConstraint("length(name) <= 60", name="name"),
)

# Messages whose deletion was reported before they came.
deleted_messages = Table(
    "deleted_messages",
    metadata,
    Column("source", Text, primary_key=True),
    Column("message", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Index("deleted_messages_at_idx", "at"),
)

calls = Table(
    "calls",
    metadata,
    Column("source", Text, primary_key=True),
    Column("call", Text, primary_key=True),
    Column("phase", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("lead_id", Uuid, ForeignKey("leads.id")),
    Column("changed_at", Moment, nullable=False),
    CheckConstraint("phase IN ('ringing', 'answered', 'missed', 'talked')", name="phase"),
    # calls that have been ringing for long; the report of their end may be lost
    Index("calls_ringing_idx", "phase", "changed_at", postgresql_where=text("phase = 'ringing'")),
    Index("calls_changed_at_idx", "changed_at"),
    Index("calls_lead_id_idx", "lead_id"),
)
