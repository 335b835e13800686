"""Events and deliveries know the trace of the request that made them happen."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLES = ("lead_events", "queue_events", "deliveries")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("traceparent", sa.Text()))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "traceparent")
