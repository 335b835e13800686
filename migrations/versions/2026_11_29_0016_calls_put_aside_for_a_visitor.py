"""Calls that were put aside for a visitor are found when the visitor is done."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "leads_visits_idx",
        "leads",
        ["parked_by"],
        postgresql_where=sa.text("parked_for = 'visit_over' AND state = 'parked'"),
    )


def downgrade() -> None:
    op.drop_index("leads_visits_idx", "leads")
