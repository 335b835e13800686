"""A client without a card is led to who talked with them, and is found by name or order number.

Of a cashless order that a lead waits for is known until when it may be paid.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
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
    op.add_column("leads", sa.Column("invoice_ends_at", sa.DateTime(timezone=True)))
    op.create_index(
        "leads_invoice_ends_at_idx",
        "leads",
        ["queue", "invoice_ends_at"],
        postgresql_where=sa.text("invoice_ends_at IS NOT NULL AND state = 'parked'"),
    )
    op.execute(
        "CREATE INDEX leads_name_idx ON leads"
        " USING gin (to_tsvector('simple', coalesce(customer->>'name', '')))"
        " WHERE customer_id IS NULL AND customer->>'name' IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX leads_order_idx ON leads ((attributes->>'order'))"
        " WHERE customer_id IS NULL AND attributes->>'order' IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_index("leads_order_idx", "leads")
    op.drop_index("leads_name_idx", "leads")
    op.drop_index("leads_invoice_ends_at_idx", "leads")
    op.drop_column("leads", "invoice_ends_at")
    op.drop_index("lead_identities_talked_idx", "lead_identities")
    op.drop_column("lead_identities", "talked_at")
    op.drop_column("lead_identities", "talked_by")
