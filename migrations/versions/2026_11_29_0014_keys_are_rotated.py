"""A key's secret can be replaced while the one before opens for a while yet."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("previous_digest", sa.LargeBinary()))
    op.add_column("api_keys", sa.Column("previous_until", sa.TIMESTAMP(timezone=True)))
    op.create_check_constraint(
        op.f("api_keys_previous_secret_check"),
        "api_keys",
        "(previous_digest IS NULL) = (previous_until IS NULL)",
    )
    op.create_index("api_keys_by_previous_digest", "api_keys", ["previous_digest"])


def downgrade() -> None:
    op.drop_index("api_keys_by_previous_digest", table_name="api_keys")
    op.drop_constraint(op.f("api_keys_previous_secret_check"), "api_keys")
    op.drop_column("api_keys", "previous_until")
    op.drop_column("api_keys", "previous_digest")
