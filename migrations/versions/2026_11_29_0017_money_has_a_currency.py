"""Money of a lead has a currency; what was stored before is in the queue's."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leads", sa.Column("currency", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("leads_currency_check"), "leads", "currency ~ '^[A-Z]{3}$'")


def downgrade() -> None:
    op.drop_column("leads", "currency")
