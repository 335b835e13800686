"""Sources have their queue's region and time zone unless they name others; exchanges have numbers.

What was stored before stays named: nobody knows which of it was meant.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("sources", "time_zone", nullable=True)
    op.alter_column("sources", "region", nullable=True)
    op.add_column("sources", sa.Column("currency", sa.Text()))
    for name in ("extensions", "learnt_extensions"):
        op.add_column(
            "sources", sa.Column(name, ARRAY(sa.Text()), nullable=False, server_default="{}")
        )
    op.add_column("sources", sa.Column("silent_since", sa.DateTime(timezone=True)))
    op.create_check_constraint(op.f("sources_currency_check"), "sources", "currency ~ '^[A-Z]{3}$'")


def downgrade() -> None:
    for name in ("silent_since", "learnt_extensions", "extensions", "currency"):
        op.drop_column("sources", name)
    op.execute("UPDATE sources SET region = coalesce(region, 'ZZ')")
    op.execute("UPDATE sources SET time_zone = coalesce(time_zone, 'UTC')")
    op.alter_column("sources", "region", nullable=False)
    op.alter_column("sources", "time_zone", nullable=False)
