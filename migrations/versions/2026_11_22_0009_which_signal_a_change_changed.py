"""Of a change of facts is known which signal it changed, so that both are split off together."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lead_signals", sa.Column("changes", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("lead_signals", "changes")
