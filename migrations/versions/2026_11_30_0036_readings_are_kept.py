"""What was read from a lead's words is kept with it, so that a new rank needs no new reading."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leads", sa.Column("reading", sa.Text()))


def downgrade() -> None:
    op.drop_column("leads", "reading")
