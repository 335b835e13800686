"""Webhooks: their sources, what they deliver, and what is known of telephone calls."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = "state IN ('received', 'read', 'ignored', 'quarantined')"
PHASES = "phase IN ('ringing', 'answered', 'missed', 'talked')"
PARTIAL_INDEXES = (
    ("deliveries_due_idx", ["source", "next_try_at", "id"], "state = 'received'"),
    ("deliveries_quarantined_idx", ["source", "id"], "state = 'quarantined'"),
    ("deliveries_state_received_at_idx", ["state", "received_at"], "state <> 'received'"),
)


def upgrade() -> None:
    _create_sources()
    _create_deliveries()
    _create_calls()


def _create_sources() -> None:
    op.create_table(
        "sources",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        *(
            sa.Column(name, postgresql.JSONB(), nullable=False)
            for name in ("secrets", "tokens", "options", "operators")
        ),
        sa.Column("default_operator", sa.Text()),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
            for name in ("read", "ignored", "refused")
        ),
        sa.Column("last_delivery_at", MOMENT),
        sa.Column("last_refused_at", MOMENT),
        sa.CheckConstraint("name ~ '^[a-z0-9][a-z0-9_-]{0,63}$'", name=op.f("sources_name_check")),
        sa.CheckConstraint("region ~ '^[A-Z]{2}$'", name=op.f("sources_region_check")),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name="sources_queue_fkey"),
        sa.ForeignKeyConstraint(
            ["default_operator"], ["operators.name"], name="sources_default_operator_fkey"
        ),
        sa.PrimaryKeyConstraint("name", name="sources_pkey"),
    )


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("once", sa.LargeBinary()),
        sa.Column("state", sa.Text(), nullable=False, server_default="received"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_try_at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("read_at", MOMENT),
        sa.Column("result", postgresql.JSONB(none_as_null=True)),
        sa.CheckConstraint(STATES, name=op.f("deliveries_state_check")),
        sa.CheckConstraint("length(once) = 32", name=op.f("deliveries_once_check")),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.name"], ondelete="CASCADE", name="deliveries_source_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="deliveries_pkey"),
    )
    op.create_index(
        "deliveries_once_key",
        "deliveries",
        ["source", "once"],
        unique=True,
        postgresql_where=sa.text("once IS NOT NULL"),
    )
    for name, columns, which in PARTIAL_INDEXES:
        op.create_index(name, "deliveries", columns, postgresql_where=sa.text(which))
    op.create_index("deliveries_state_id_idx", "deliveries", ["state", "id"])
    op.create_index("deliveries_source_id_idx", "deliveries", ["source", "id"])


def _create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.Uuid()),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint(PHASES, name=op.f("calls_phase_check")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="calls_lead_id_fkey"),
        sa.PrimaryKeyConstraint("source", "call", name="calls_pkey"),
    )
    op.create_index(
        "calls_ringing_idx",
        "calls",
        ["phase", "changed_at"],
        postgresql_where=sa.text("phase = 'ringing'"),
    )
    op.create_index("calls_lead_id_idx", "calls", ["lead_id"])


def downgrade() -> None:
    for table in ("calls", "deliveries", "sources"):
        op.drop_table(table)
