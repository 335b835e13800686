"""A version that knows no strength of marks can go on taking leads in while this one comes."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("lead_identities", "strength", server_default="2")


def downgrade() -> None:
    op.alter_column("lead_identities", "strength", server_default=None)
