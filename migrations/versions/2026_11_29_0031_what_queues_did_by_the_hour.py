"""What queues did, by the hour, for a year."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

COUNTS = ("settled", "won", "lost", "cancelled", "no_answer", "answered")


def upgrade() -> None:
    op.create_table(
        "counted_hours",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name=op.f("counted_hours_queue_fkey")),
        sa.PrimaryKeyConstraint("queue", "hour", name=op.f("counted_hours_pkey")),
    )
    op.create_index("counted_hours_hour_idx", "counted_hours", ["hour"])
    op.create_table(
        "hour_figures",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("served", sa.Integer(), nullable=False),
        sa.Column("first_answers_known", sa.Integer(), nullable=False),
        sa.Column("waits", ARRAY(sa.Integer()), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.ForeignKeyConstraint(
            ["queue", "hour"],
            ["counted_hours.queue", "counted_hours.hour"],
            name=op.f("hour_figures_queue_hour_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("queue", "hour", "kind", name=op.f("hour_figures_pkey")),
    )


def downgrade() -> None:
    for name in ("hour_figures", "counted_hours"):
        op.drop_table(name)
