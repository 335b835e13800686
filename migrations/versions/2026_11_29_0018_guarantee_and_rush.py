"""What the guarantee must know of a lead, its minutes of work, and which numbers of a rush hold."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('waiting', 'claimed', 'parked')")
COLUMNS = ("line_flags", "work_minutes", "rush_number")


def upgrade() -> None:
    flags = sa.Column("line_flags", sa.SmallInteger(), server_default="0", nullable=False)
    work: sa.Column[float] = sa.Column(
        "work_minutes", sa.Double(), server_default="1", nullable=False
    )
    number = sa.Column("rush_number", sa.Integer(), server_default="0", nullable=False)
    for column in (flags, work, number):
        op.add_column("leads", column)
    op.add_column(
        "queues", sa.Column("rush_number", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("queues", sa.Column("rush_exceeded_since", sa.DateTime(timezone=True)))
    op.drop_index(op.f("leads_policy_version_idx"), "leads")
    op.create_index(
        op.f("leads_policy_version_idx"),
        "leads",
        ["queue", "policy_version", "rush_number"],
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_index(op.f("leads_policy_version_idx"), "leads")
    op.create_index(
        op.f("leads_policy_version_idx"),
        "leads",
        ["queue", "policy_version"],
        postgresql_where=OPEN,
    )
    op.drop_column("queues", "rush_exceeded_since")
    op.drop_column("queues", "rush_number")
    for name in COLUMNS:
        op.drop_column("leads", name)
