"""One need, one lead: what signals joined a lead, and by what evidence of who the client is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LINKS = ("follows", "joined_into", "split_from")


def upgrade() -> None:
    for name in LINKS:
        op.add_column("leads", sa.Column(name, sa.Uuid()))
    op.create_foreign_key("leads_joined_into_fkey", "leads", "leads", ["joined_into"], ["id"])
    op.create_check_constraint(
        op.f("leads_joined_check"), "leads", "(state = 'joined') = (joined_into IS NOT NULL)"
    )
    op.create_index(
        "leads_joined_into_idx",
        "leads",
        ["joined_into"],
        postgresql_where=sa.text("joined_into IS NOT NULL"),
    )
    op.create_table(
        "lead_identities",
        sa.Column("queue", sa.Text(), primary_key=True),
        sa.Column("identity", sa.Text(), primary_key=True),
        sa.Column("lead_id", sa.Uuid(), primary_key=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="lead_identities_lead_id_fkey"),
        sa.PrimaryKeyConstraint("queue", "identity", "lead_id", name="lead_identities_pkey"),
    )
    op.create_index(
        "lead_identities_open_key",
        "lead_identities",
        ["queue", "identity"],
        unique=True,
        postgresql_where=sa.text("open"),
    )
    op.create_index("lead_identities_lead_id_idx", "lead_identities", ["lead_id"])
    op.create_table(
        "lead_signals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text()),
        sa.Column("idempotency_key", sa.Text()),
        sa.Column("request_digest", sa.LargeBinary()),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("facts", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.CheckConstraint(
            "sort IN ('opening', 'joined', 'change')", name=op.f("lead_signals_sort_check")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="lead_signals_lead_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="lead_signals_pkey"),
    )
    op.create_index("lead_signals_lead_id_id_idx", "lead_signals", ["lead_id", "id"])
    op.create_index(
        "lead_signals_sender_key",
        "lead_signals",
        ["source", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL AND sort = 'joined'"),
    )
    op.create_index(
        "lead_signals_idempotency_key",
        "lead_signals",
        ["created_by", "idempotency_key"],
        unique=True,
        postgresql_where=sa.text("idempotency_key IS NOT NULL AND sort = 'joined'"),
    )
    op.create_table(
        "departures",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "identity", name="departures_pkey"),
    )
    op.create_index("departures_at_idx", "departures", ["at"])


def downgrade() -> None:
    # what was joined is told as cancelled: an older version has no word for it
    op.execute(
        "UPDATE leads SET state = 'settled', outcome = 'cancelled', reason = 'joined another lead',"
        " settled_at = changed_at, settled_by = 'nextlead' WHERE state = 'joined'"
    )
    op.drop_table("departures")
    op.drop_table("lead_signals")
    op.drop_table("lead_identities")
    op.drop_index("leads_joined_into_idx", "leads")
    op.drop_constraint(op.f("leads_joined_check"), "leads")
    op.drop_constraint(op.f("leads_joined_into_fkey"), "leads")
    for name in LINKS:
        op.drop_column("leads", name)
