"""Overdue leases, the leads of a client and forgotten calls have indexes that serve only them."""

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
    op.create_index(op.f("calls_changed_at_idx"), "calls", ["changed_at"])


def downgrade() -> None:
    op.drop_index(op.f("calls_changed_at_idx"), "calls")
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
