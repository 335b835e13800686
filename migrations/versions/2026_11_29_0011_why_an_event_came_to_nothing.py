"""Why an event of a sender came to nothing; messages that clients edit and delete."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OUTCOMES = (
    "outcome IS NULL OR outcome IN"
    " ('won', 'lost', 'cancelled', 'no_answer', 'expired', 'wish'{more}) AND"
    " (outcome <> 'won' OR amount IS NOT NULL) AND"
    " (outcome NOT IN ('lost', 'cancelled') OR reason IS NOT NULL)"
)


def upgrade() -> None:
    op.create_table(
        "ignored_events",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(name) <= 60", name=op.f("ignored_events_name_check")),
        sa.ForeignKeyConstraint(
            ["source"],
            ["sources.name"],
            name=op.f("ignored_events_source_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source", "reason", "name", name=op.f("ignored_events_pkey")),
    )
    op.create_table(
        "deleted_messages",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "message", name=op.f("deleted_messages_pkey")),
    )
    op.create_index("deleted_messages_at_idx", "deleted_messages", ["at"])
    op.create_index(
        "deliveries_reason_id_idx",
        "deliveries",
        ["reason", "id"],
        postgresql_where=sa.text("state = 'ignored'"),
    )
    _change_outcomes(", 'withdrawn_by_client'")


def downgrade() -> None:
    _change_outcomes("")
    op.drop_index("deliveries_reason_id_idx", table_name="deliveries")
    op.drop_table("deleted_messages")
    op.drop_table("ignored_events")


def _change_outcomes(more: str) -> None:
    op.drop_constraint(op.f("leads_outcome_check"), "leads", type_="check")
    op.create_check_constraint(op.f("leads_outcome_check"), "leads", OUTCOMES.format(more=more))
