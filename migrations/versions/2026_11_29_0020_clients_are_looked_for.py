"""Clients are looked for by name and by the number of an order."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX customers_name_idx ON customers"
        " USING gin (to_tsvector('simple', coalesce(name, '')))"
    )
    op.execute("CREATE INDEX customers_context_idx ON customers USING gin (context jsonb_path_ops)")


def downgrade() -> None:
    op.drop_index("customers_context_idx", "customers")
    op.drop_index("customers_name_idx", "customers")
