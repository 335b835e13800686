"""Readings of a delivery that nobody ended are counted: it may be what ends its readers."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    broken_off = sa.Column("broken_off", sa.Integer(), server_default="0", nullable=False)
    op.add_column("deliveries", broken_off)


def downgrade() -> None:
    op.drop_column("deliveries", "broken_off")
