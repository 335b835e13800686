"""Words that no entry of a policy knows, and entries that match, counted by the day."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_days",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name=op.f("text_days_queue_fkey")),
        sa.PrimaryKeyConstraint("queue", "day", name=op.f("text_days_pkey")),
    )
    op.create_table(
        "word_days",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("clients", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name=op.f("word_days_queue_fkey")),
        sa.PrimaryKeyConstraint("queue", "day", "word", name=op.f("word_days_pkey")),
    )
    op.create_table(
        "signal_days",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("signal", sa.Text(), nullable=False),
        sa.Column("matches", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name=op.f("signal_days_queue_fkey")),
        sa.PrimaryKeyConstraint("queue", "day", "signal", name=op.f("signal_days_pkey")),
    )


def downgrade() -> None:
    for name in ("signal_days", "word_days", "text_days"):
        op.drop_table(name)
