"""A merge that is being undone is finished, whatever happens to the process."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("client_merges", sa.Column("undoing", sa.Text(), nullable=True))
    op.create_index(
        "client_merges_undoing_idx",
        "client_merges",
        ["undone_at"],
        postgresql_where=sa.text("undoing IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("client_merges_undoing_idx", "client_merges")
    op.drop_column("client_merges", "undoing")
