"""Overdue leases and the leads of a client are each found by an index that serves nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OF_CLIENTS = sa.text("customer_id IS NOT NULL")


def upgrade() -> None:
    op.drop_index(op.f("leads_lease_until_idx"), "leads")
    op.create_index(
        op.f("leads_lease_until_idx"),
        "leads",
        ["lease_until"],
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.drop_index(op.f("leads_customer_id_idx"), "leads")
    op.create_index(
        op.f("leads_customer_id_id_idx"),
        "leads",
        ["customer_id", "id"],
        postgresql_where=OF_CLIENTS,
    )


def downgrade() -> None:
    op.drop_index(op.f("leads_customer_id_id_idx"), "leads")
    op.create_index(
        op.f("leads_customer_id_idx"), "leads", ["customer_id"], postgresql_where=OF_CLIENTS
    )
    op.drop_index(op.f("leads_lease_until_idx"), "leads")
    op.create_index(
        op.f("leads_lease_until_idx"),
        "leads",
        ["lease_until"],
        postgresql_where=sa.text("state = 'claimed'"),
    )
