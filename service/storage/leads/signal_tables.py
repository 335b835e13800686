"""The tables of joining: the marks of leads, and the signals that leads were made of."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from service.storage.tables import Moment, metadata

# Marks such as `phone:+79001234567`; in a queue each belongs to one open lead at a time.
lead_identities = Table(
    "lead_identities",
    metadata,
    Column("queue", Text, primary_key=True),
    Column("identity", Text, primary_key=True),
    Column("lead_id", Uuid, ForeignKey("leads.id"), primary_key=True),
    Column("open", Boolean, nullable=False),
    # an open lead of another client had it first: the clients are possibly the same
    Column("contested", Boolean, nullable=False, server_default="false"),
    # the default is a telephone number's strength, for an older version that writes none
    Column("strength", SmallInteger, nullable=False, server_default="2"),
    # who last talked with a client without a card, and when the talk ended (rule A9)
    Column("talked_by", Text),
    Column("talked_at", Moment),
    CheckConstraint("NOT (open AND contested)", name="contested"),
    Index(
        "lead_identities_talked_idx",
        "queue",
        "identity",
        "talked_at",
        postgresql_where=text("talked_at IS NOT NULL"),
    ),
    Index(
        "lead_identities_contested_idx",
        "queue",
        "identity",
        postgresql_where=text("contested"),
    ),
    Index(
        "lead_identities_open_key",
        "queue",
        "identity",
        unique=True,
        postgresql_where=text("open"),
    ),
    Index("lead_identities_lead_id_idx", "lead_id"),
)

# Only leads with later signals have rows here; the first of these also stores the opening one.
lead_signals = Table(
    "lead_signals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("lead_id", Uuid, ForeignKey("leads.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("sort", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("external_id", Text),
    Column("idempotency_key", Text),
    Column("request_digest", LargeBinary),
    Column("told_at", Moment, nullable=False),
    Column("evidence", ARRAY(Text), nullable=False),
    Column("facts", JSONB(none_as_null=True), nullable=False),
    Column("changes", Uuid),
    CheckConstraint("sort IN ('opening', 'joined', 'change')", name="sort"),
    Index("lead_signals_lead_id_id_idx", "lead_id", "id"),
    Index(
        "lead_signals_sender_key",
        "source",
        "external_id",
        unique=True,
        postgresql_where=text("external_id IS NOT NULL AND sort = 'joined'"),
    ),
    Index(
        "lead_signals_idempotency_key",
        "created_by",
        "idempotency_key",
        unique=True,
        postgresql_where=text("idempotency_key IS NOT NULL AND sort = 'joined'"),
    ),
)

# When clients left a conversation; this news may arrive before the client's message.
departures = Table(
    "departures",
    metadata,
    Column("source", Text, primary_key=True),
    Column("identity", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Index("departures_at_idx", "at"),
)
