"""The tables with the hourly figures of queues, kept for a year."""

from sqlalchemy import ARRAY, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, Text

from service.storage.tables import Moment, Money, metadata

# When an hour in a queue's own zone was last counted; `hour` is its first moment.
counted_hours = Table(
    "counted_hours",
    metadata,
    Column("queue", Text, ForeignKey("queues.name"), primary_key=True),
    Column("hour", Moment, primary_key=True),
    Column("counted_at", Moment, nullable=False),
    Index("counted_hours_hour_idx", "hour"),
)

# `waits` are counts by the bounds of leads/wait_counts.py
hour_figures = Table(
    "hour_figures",
    metadata,
    Column("queue", Text, primary_key=True),
    Column("hour", Moment, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("received", Integer, nullable=False),
    Column("served", Integer, nullable=False),
    Column("first_answers_known", Integer, nullable=False),
    Column("waits", ARRAY(Integer), nullable=False),
    Column("settled", Integer, nullable=False),
    Column("won", Integer, nullable=False),
    Column("lost", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("no_answer", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("amount", Money, nullable=False),
    ForeignKeyConstraint(
        ["queue", "hour"], ["counted_hours.queue", "counted_hours.hour"], ondelete="CASCADE"
    ),
)
