"""A client without a card is led to who talked with them, and is found by name or order number."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lead_identities", sa.Column("talked_by", sa.Text()))
    op.add_column("lead_identities", sa.Column("talked_at", sa.DateTime(timezone=True)))
    op.create_index(
        "lead_identities_talked_idx",
        "lead_identities",
        ["queue", "identity", "talked_at"],
        postgresql_where=sa.text("talked_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("lead_identities_talked_idx", "lead_identities")
    op.drop_column("lead_identities", "talked_at")
    op.drop_column("lead_identities", "talked_by")
