"""The tables of signed-in people: sessions, one-time links, settings of pages, drafts."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
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

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("person", Text, nullable=False),
    # whose desk it is; NULL for a person who only reads boards
    Column("operator", Text),
    Column("scopes", ARRAY(Text), nullable=False),
    # the key that opened the session; the session ends with it
    Column("key_digest", LargeBinary),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    CheckConstraint("length(digest) = 32", name="digest"),
    Index("sessions_expires_at_idx", "expires_at"),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("person", Text, nullable=False),
    Column("operator", Text),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    CheckConstraint("length(digest) = 32", name="digest"),
    Index("sign_in_links_expires_at_idx", "expires_at"),
)

reader_settings = Table(
    "reader_settings",
    metadata,
    Column("person", Text, primary_key=True),
    Column("settings", JSONB, nullable=False, server_default=text("'{}'")),
    Column("changed_at", Moment, nullable=False),
)

policy_drafts = Table(
    "policy_drafts",
    metadata,
    Column("person", Text, primary_key=True),
    Column("queue", Text, ForeignKey("queues.name"), primary_key=True),
    Column("follows", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

# The last settled claim of each desk, with its token, which no browser gets.
desk_ends = Table(
    "desk_ends",
    metadata,
    Column("operator", Text, primary_key=True),
    Column("lead_id", Uuid, nullable=False),
    Column("token", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("ended_at", Moment, nullable=False),
)

# The status changes of operators, kept for 92 days.
presence_changes = Table(
    "presence_changes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("operator", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Index("presence_changes_operator_at_idx", "operator", "at"),
)
