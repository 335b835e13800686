"""The tables of outgoing events: subscriptions, the progress in each log, deliveries.

The logs, `lead_events` and `queue_events`, are written together with the changes they record.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from service.storage.tables import Moment, metadata

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("types", ARRAY(Text), nullable=False),
    # only events of this queue; NULL for all
    Column("queue", Text, ForeignKey("queues.name")),
    Column("active", Boolean, nullable=False),
    # whether its events contain the client's data
    Column("personal", Boolean, nullable=False, server_default="false"),
    # sealed; the previous secret also signs until its time is over
    Column("secret", LargeBinary, nullable=False),
    Column("secret_before", LargeBinary),
    Column("before_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    # the receiver asked us to come later, or not to come again
    Column("paused_until", Moment),
    Column("disabled_for", Text),
    Column("last_success_at", Moment),
    Column("last_failure_at", Moment),
    Column("last_failure", Text),
    CheckConstraint("name ~ '^[a-z0-9][a-z0-9_-]{0,63}$'", name="name"),
    CheckConstraint("cardinality(types) BETWEEN 1 AND 50", name="types"),
    CheckConstraint("num_nonnulls(secret_before, before_until) IN (0, 2)", name="secret_before"),
    CheckConstraint("NOT (active AND disabled_for IS NOT NULL)", name="disabled"),
)

# All events of a log with a transaction number below `txid` were passed on. Events with ids up to
# `after_id` count as passed on, whatever their numbers are.
event_horizons = Table(
    "event_horizons",
    metadata,
    Column("log", Text, primary_key=True),
    Column("txid", BigInteger, nullable=False),
    Column("after_id", BigInteger, nullable=False),
    CheckConstraint("log IN ('lead', 'queue')", name="log"),
)

# `about` is the lead or the queue. Of its events only the first pending one has a time for the next
# try; the later ones have none until it is delivered or dead.
event_deliveries = Table(
    "event_deliveries",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "subscription", Text, ForeignKey("subscriptions.name", ondelete="CASCADE"), nullable=False
    ),
    Column("log", Text, nullable=False),
    Column("event_id", BigInteger, nullable=False),
    Column("about", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("first_tried_at", Moment),
    Column("last_tried_at", Moment),
    Column("next_try_at", Moment),
    Column("last_status", Integer),
    Column("last_error", Text),
    Column("ended_at", Moment),
    CheckConstraint("log IN ('lead', 'queue')", name="log"),
    CheckConstraint("state IN ('pending', 'delivered', 'dead')", name="state"),
    CheckConstraint("(state = 'pending') = (ended_at IS NULL)", name="ended"),
    CheckConstraint("state = 'pending' OR next_try_at IS NULL", name="next_try"),
    Index("event_deliveries_event_key", "subscription", "log", "event_id", unique=True),
    Index("event_deliveries_listed_idx", "subscription", "state", "id"),
    Index(
        "event_deliveries_due_idx",
        "subscription",
        "next_try_at",
        postgresql_where=text("next_try_at IS NOT NULL"),
    ),
    Index(
        "event_deliveries_order_idx",
        "subscription",
        "about",
        "event_id",
        postgresql_where=text("state = 'pending'"),
    ),
    Index(
        "event_deliveries_ended_idx",
        "state",
        "ended_at",
        postgresql_where=text("ended_at IS NOT NULL"),
    ),
)
