"""The right person: presence, customers' context, whom a lead is led to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXTS = sa.ARRAY(sa.Text())
OPERATORS = ("status", "status_since", "capacity_by_kind", "shifts")
LEADS = (
    *("owner", "owner_rule", "demanded_skills", "skills_rule", "credited_to", "assigned_to"),
    *("declined_by", "pinned_at"),
)


def upgrade() -> None:
    op.add_column("operators", sa.Column("status", sa.Text()))
    op.add_column("operators", sa.Column("status_since", sa.DateTime(timezone=True)))
    for name in ("capacity_by_kind", "shifts"):
        op.add_column("operators", sa.Column(name, postgresql.JSONB(none_as_null=True)))
    op.create_check_constraint(
        op.f("operators_status_check"), "operators", "status IN ('online', 'away', 'offline')"
    )
    op.add_column("customers", sa.Column("context", postgresql.JSONB(none_as_null=True)))
    for name in ("owner", "credited_to", "assigned_to"):
        op.add_column("leads", sa.Column(name, sa.Text()))
    for name in ("owner_rule", "skills_rule"):
        op.add_column("leads", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("demanded_skills", "declined_by"):
        op.add_column("leads", sa.Column(name, TEXTS, nullable=False, server_default="{}"))
    op.add_column("leads", sa.Column("pinned_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in LEADS:
        op.drop_column("leads", name)
    op.drop_column("customers", "context")
    op.drop_constraint(op.f("operators_status_check"), "operators", type_="check")
    for name in OPERATORS:
        op.drop_column("operators", name)
