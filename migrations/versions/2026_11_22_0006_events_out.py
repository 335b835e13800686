"""Events out: subscriptions, and what is to be sent; the logs say which transaction wrote them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LOGS = ("lead_events", "queue_events")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for log in LOGS:
        op.add_column(log, sa.Column("txid", sa.BigInteger()))
        # a default of its own step: events of the time before have no number, and stay unsent
        default = sa.text("pg_current_xact_id()::text::bigint")
        op.alter_column(log, "txid", server_default=default)
        op.create_index(
            f"{log}_txid_idx", log, ["txid"], postgresql_where=sa.text("txid IS NOT NULL")
        )
    _add_subscriptions()
    _add_horizons()
    _add_deliveries()


def _add_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("types", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("queue", sa.Text()),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("secret_before", sa.LargeBinary()),
        sa.Column("before_until", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("paused_until", MOMENT),
        sa.Column("disabled_for", sa.Text()),
        sa.Column("last_success_at", MOMENT),
        sa.Column("last_failure_at", MOMENT),
        sa.Column("last_failure", sa.Text()),
        sa.PrimaryKeyConstraint("name", name=op.f("subscriptions_pkey")),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name=op.f("subscriptions_queue_fkey")),
        sa.CheckConstraint(
            "name ~ '^[a-z0-9][a-z0-9_-]{0,63}$'", name=op.f("subscriptions_name_check")
        ),
        sa.CheckConstraint(
            "cardinality(types) BETWEEN 1 AND 50", name=op.f("subscriptions_types_check")
        ),
        sa.CheckConstraint(
            "num_nonnulls(secret_before, before_until) IN (0, 2)",
            name=op.f("subscriptions_secret_before_check"),
        ),
        sa.CheckConstraint(
            "NOT (active AND disabled_for IS NOT NULL)", name=op.f("subscriptions_disabled_check")
        ),
    )


def _add_horizons() -> None:
    horizons = op.create_table(
        "event_horizons",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("txid", sa.BigInteger(), nullable=False),
        sa.Column("after_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log", name=op.f("event_horizons_pkey")),
        sa.CheckConstraint("log IN ('lead', 'queue')", name=op.f("event_horizons_log_check")),
    )
    op.bulk_insert(horizons, [{"log": log, "txid": 0, "after_id": 0} for log in ("lead", "queue")])


def _add_deliveries() -> None:
    op.create_table(
        "event_deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("first_tried_at", MOMENT),
        sa.Column("last_tried_at", MOMENT),
        sa.Column("next_try_at", MOMENT),
        sa.Column("last_status", sa.Integer()),
        sa.Column("last_error", sa.Text()),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("event_deliveries_pkey")),
        sa.ForeignKeyConstraint(
            ["subscription"],
            ["subscriptions.name"],
            ondelete="CASCADE",
            name=op.f("event_deliveries_subscription_fkey"),
        ),
        sa.CheckConstraint("log IN ('lead', 'queue')", name=op.f("event_deliveries_log_check")),
        sa.CheckConstraint(
            "state IN ('pending', 'delivered', 'dead')", name=op.f("event_deliveries_state_check")
        ),
        sa.CheckConstraint(
            "(state = 'pending') = (ended_at IS NULL)", name=op.f("event_deliveries_ended_check")
        ),
        sa.CheckConstraint(
            "state = 'pending' OR next_try_at IS NULL",
            name=op.f("event_deliveries_next_try_check"),
        ),
    )
    _index("event_key", ["subscription", "log", "event_id"], unique=True)
    _index("listed_idx", ["subscription", "state", "id"])
    _index("due_idx", ["subscription", "next_try_at"], where="next_try_at IS NOT NULL")
    _index("order_idx", ["subscription", "about", "event_id"], where="state = 'pending'")
    _index("ended_idx", ["state", "ended_at"], where="ended_at IS NOT NULL")


def _index(
    name: str, columns: list[str], *, unique: bool = False, where: str | None = None
) -> None:
    op.create_index(
        f"event_deliveries_{name}",
        "event_deliveries",
        columns,
        unique=unique,
        postgresql_where=None if where is None else sa.text(where),
    )


def downgrade() -> None:
    for table in ("event_deliveries", "event_horizons", "subscriptions"):
        op.drop_table(table)
    for log in LOGS:  # its index goes with the column
        op.drop_column(log, "txid")
