"""Outcomes are summed apart, so that ends of claims do not wait for one another."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# A volatile function sees what was committed after the statement that calls it began: under the
# lock of the client's card, every lead that was ranked with the card as it was before.
HAS_OPEN_LEAD = """
CREATE FUNCTION has_open_lead(client text, besides uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM leads
        WHERE customer_id = client AND state IN ('waiting', 'claimed', 'parked') AND id <> besides
    );
END $$
"""


def upgrade() -> None:
    op.create_table(
        "fresh_outcomes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("won", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("fresh_outcomes_pkey")),
    )
    op.execute(HAS_OPEN_LEAD)


def downgrade() -> None:
    op.execute("DROP FUNCTION has_open_lead")
    op.drop_table("fresh_outcomes")
