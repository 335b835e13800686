"""When operators were at work, and what people decided about leads, to be looked at later."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

DECIDED = (
    "type IN ('lead.pinned', 'lead.unpinned', 'lead.assigned', 'lead.unassigned',"
    " 'lead.taken_away', 'lead.withdrawn', 'lead.extended', 'lead.corrected', 'lead.split',"
    " 'client.merged', 'client.kept_apart')"
)


def upgrade() -> None:
    op.create_table(
        "presence_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("presence_changes_pkey")),
    )
    op.create_index("presence_changes_operator_at_idx", "presence_changes", ["operator", "at"])
    op.create_index(
        "lead_events_decided_at_idx", "lead_events", ["at"], postgresql_where=sa.text(DECIDED)
    )


def downgrade() -> None:
    op.drop_index("lead_events_decided_at_idx", table_name="lead_events")
    op.drop_table("presence_changes")
