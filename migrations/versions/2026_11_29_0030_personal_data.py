"""Clients are erased, and stay so; what is old goes; who may see personal data is a scope.

Keys, sessions and links that could read before see what they saw: they are given `personal`.
Subscriptions are sent no more than before.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MOMENT = sa.TIMESTAMP(timezone=True)
WITHOUT = "['intake', 'crm', 'read', 'operate', 'supervise', 'admin', 'metrics']"
WITH = "['intake', 'crm', 'read', 'personal', 'operate', 'supervise', 'admin', 'metrics']"
WHO_READS = ("api_keys", "sessions", "sign_in_links")


def upgrade() -> None:
    _add_erasures()
    op.create_table(
        "retention_horizons",
        sa.Column("queue", sa.Text(), sa.ForeignKey("queues.name"), primary_key=True),
        sa.Column("what", sa.Text(), primary_key=True),
        sa.Column("settled_at", MOMENT, nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "what IN ('texts', 'events')", name=op.f("retention_horizons_what_check")
        ),
    )
    op.create_index(
        "queue_events_customer_idx",
        "queue_events",
        [sa.text("(details ->> 'customer')")],
        postgresql_where=sa.text("details ->> 'customer' IS NOT NULL"),
    )
    op.create_index("deliveries_source_received_at_idx", "deliveries", ["source", "received_at"])
    op.create_index("customers_changed_at_idx", "customers", ["changed_at"])
    op.add_column(
        "subscriptions", sa.Column("personal", sa.Boolean(), nullable=False, server_default="false")
    )
    _allow_scopes(WITH)
    for table in WHO_READS:
        op.execute(
            f"UPDATE {table} SET scopes = scopes || 'personal'::text"
            " WHERE 'read' = ANY (scopes) AND NOT 'personal' = ANY (scopes)"
        )


def _add_erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("counts", JSONB(), nullable=False),
        sa.Column("wanted", sa.LargeBinary()),
        sa.Column("looked_until", sa.Uuid()),
        sa.Column("finished_at", MOMENT),
        sa.CheckConstraint(
            "(wanted IS NULL) = (finished_at IS NOT NULL)", name=op.f("erasures_wanted_check")
        ),
    )
    op.create_index(
        "erasures_unfinished_idx",
        "erasures",
        ["at"],
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "tombstones",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("last_dropped_at", MOMENT),
        sa.CheckConstraint("length(digest) = 32", name=op.f("tombstones_digest_check")),
    )


def _allow_scopes(existing: str) -> None:
    op.drop_constraint(op.f("api_keys_scopes_check"), "api_keys")
    op.create_check_constraint(
        op.f("api_keys_scopes_check"),
        "api_keys",
        f"scopes <@ ARRAY{existing} AND cardinality(scopes) > 0",
    )


def downgrade() -> None:
    # a key that was for nothing else opens nothing any more
    op.execute(
        "UPDATE api_keys SET scopes = '{read}', revoked_at = coalesce(revoked_at, now())"
        " WHERE scopes = '{personal}'"
    )
    for table in WHO_READS:
        op.execute(f"UPDATE {table} SET scopes = array_remove(scopes, 'personal')")
    _allow_scopes(WITHOUT)
    op.drop_column("subscriptions", "personal")
    op.drop_index("customers_changed_at_idx", table_name="customers")
    op.drop_index("deliveries_source_received_at_idx", table_name="deliveries")
    op.drop_index("queue_events_customer_idx", table_name="queue_events")
    for table in ("retention_horizons", "tombstones", "erasures"):
        op.drop_table(table)
