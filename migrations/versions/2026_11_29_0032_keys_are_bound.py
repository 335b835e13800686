"""Keys are bound to an operator, queues, sources and a time, and are known to be used."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

LISTS, MOMENTS = ("queues", "sources"), ("expires_at", "used_at")
# Without these columns a bound key would open everything.
REVOKE_BOUND = """
UPDATE api_keys SET revoked_at = now()
WHERE revoked_at IS NULL
    AND num_nonnulls(operator, queues, sources, expires_at) > 0
"""


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("operator", sa.Text(), nullable=True))
    for name in LISTS:
        op.add_column("api_keys", sa.Column(name, ARRAY(sa.Text()), nullable=True))
    for name in MOMENTS:
        op.add_column("api_keys", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.execute(REVOKE_BOUND)
    for name in ("operator", *LISTS, *MOMENTS):
        op.drop_column("api_keys", name)
