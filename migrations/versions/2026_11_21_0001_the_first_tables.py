"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "scopes <@ ARRAY['intake', 'read', 'operate', 'supervise', 'admin'] AND cardinality(scopes) > 0",
            name=op.f("api_keys_scopes_check"),
        ),
        sa.CheckConstraint("length(digest) = 32", name=op.f("api_keys_digest_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("api_keys_pkey")),
        sa.UniqueConstraint("digest", name=op.f("api_keys_digest_key")),
        sa.UniqueConstraint("name", name=op.f("api_keys_name_key")),
    )
    op.create_table(
        "customers",
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column(
            "messengers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("external_id", name=op.f("customers_pkey")),
    )
    op.create_table(
        "operators",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("queues", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("skills", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name ~ '^[A-Za-z0-9._@-]{1,64}$'", name=op.f("operators_name_check")),
        sa.CheckConstraint("capacity BETWEEN 1 AND 100", name=op.f("operators_capacity_check")),
        sa.CheckConstraint(
            "cardinality(queues) BETWEEN 1 AND 100", name=op.f("operators_queues_check")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("operators_pkey")),
    )
    op.create_table(
        "queues",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("queues_currency_check")),
        sa.CheckConstraint("name ~ '^[a-z0-9][a-z0-9_-]{0,63}$'", name=op.f("queues_name_check")),
        sa.PrimaryKeyConstraint("name", name=op.f("queues_pkey")),
    )
    op.create_table(
        "leads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("request_digest", sa.LargeBinary(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stated_kind", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column(
            "customer", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column(
            "items", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("budget", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("urgency", sa.Double(), nullable=True),
        sa.Column("needed_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vin", sa.Text(), nullable=True),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("paid", sa.Boolean(), nullable=False),
        sa.Column(
            "attributes", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("score", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("cost_per_minute", sa.Double(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claim_token", sa.Text(), nullable=True),
        sa.Column("claimed_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unanswered_calls", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'claimed') = (num_nonnulls(claimed_by, claim_token, claimed_since, lease_until) = 4) AND num_nonnulls(claimed_by, claim_token, claimed_since, lease_until) IN (0, 4)",
            name=op.f("leads_claim_check"),
        ),
        sa.CheckConstraint(
            "(state = 'parked') = (parked_until IS NOT NULL)", name=op.f("leads_parked_check")
        ),
        sa.CheckConstraint(
            "(state = 'settled') = (num_nonnulls(outcome, settled_at, settled_by) = 3)",
            name=op.f("leads_settled_check"),
        ),
        sa.CheckConstraint(
            "kind IN ('office', 'phone', 'chat', 'self_order', 'offline', 'registration', 'task')",
            name=op.f("leads_kind_check"),
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('won', 'lost', 'cancelled', 'no_answer') AND (outcome <> 'won' OR amount IS NOT NULL) AND (outcome NOT IN ('lost', 'cancelled') OR reason IS NOT NULL)",
            name=op.f("leads_outcome_check"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'claimed', 'parked', 'settled', 'joined')",
            name=op.f("leads_state_check"),
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("leads_amount_check")),
        sa.CheckConstraint("budget >= 0", name=op.f("leads_budget_check")),
        sa.CheckConstraint("rank BETWEEN 0 AND 9007199254740991", name=op.f("leads_rank_check")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("leads_score_check")),
        sa.CheckConstraint("stage BETWEEN 0 AND 900", name=op.f("leads_stage_check")),
        sa.CheckConstraint("urgency BETWEEN 0 AND 1", name=op.f("leads_urgency_check")),
        sa.CheckConstraint("version >= 1", name=op.f("leads_version_check")),
        sa.ForeignKeyConstraint(
            ["claimed_by"], ["operators.name"], name=op.f("leads_claimed_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.external_id"], name=op.f("leads_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name=op.f("leads_queue_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("leads_pkey")),
    )
    op.create_index(
        "leads_changed_at_idx",
        "leads",
        ["changed_at", "id"],
        unique=False,
        postgresql_include=["version", "queue"],
    )
    op.create_index(
        "leads_claimed_by_idx",
        "leads",
        ["claimed_by", "claimed_since"],
        unique=False,
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index(
        "leads_customer_id_idx",
        "leads",
        ["customer_id"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "leads_first_claimed_at_idx",
        "leads",
        ["queue", "first_claimed_at"],
        unique=False,
        postgresql_where=sa.text("first_claimed_at IS NOT NULL"),
    )
    op.create_index(
        "leads_idempotency_key",
        "leads",
        ["created_by", "idempotency_key"],
        unique=True,
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )
    op.create_index(
        "leads_lease_until_idx",
        "leads",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index(
        "leads_parked_until_idx",
        "leads",
        ["parked_until"],
        unique=False,
        postgresql_where=sa.text("state = 'parked'"),
    )
    op.create_index("leads_queue_state_id_idx", "leads", ["queue", "state", "id"], unique=False)
    op.create_index(
        "leads_sender_key",
        "leads",
        ["source", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_index(
        "leads_settled_at_idx",
        "leads",
        ["queue", "settled_at"],
        unique=False,
        postgresql_where=sa.text("state = 'settled'"),
    )
    op.create_index(
        "leads_waiting_idx",
        "leads",
        ["queue", "lane", sa.literal_column("rank DESC"), "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "lead_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("state_before", sa.Text(), nullable=True),
        sa.Column("state_after", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "(coalesce(state_before, 'none'), state_after) IN (('none', 'waiting'), ('waiting', 'claimed'), ('waiting', 'settled'), ('waiting', 'joined'), ('claimed', 'waiting'), ('claimed', 'parked'), ('claimed', 'settled'), ('parked', 'waiting'), ('parked', 'settled'), ('parked', 'joined'))",
            name=op.f("lead_events_move_check"),
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("lead_events_lead_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("lead_events_pkey")),
    )
    op.create_index("lead_events_lead_id_id_idx", "lead_events", ["lead_id", "id"], unique=False)

    op.execute(
        "INSERT INTO queues (name, title, currency, time_zone, created_at)"
        " VALUES ('main', 'Main', 'RUB', 'Europe/Moscow', now())"
    )


def downgrade() -> None:
    op.drop_index("lead_events_lead_id_id_idx", table_name="lead_events")
    op.drop_table("lead_events")
    op.drop_index(
        "leads_waiting_idx", table_name="leads", postgresql_where=sa.text("state = 'waiting'")
    )
    op.drop_index(
        "leads_settled_at_idx", table_name="leads", postgresql_where=sa.text("state = 'settled'")
    )
    op.drop_index(
        "leads_sender_key", table_name="leads", postgresql_where=sa.text("external_id IS NOT NULL")
    )
    op.drop_index("leads_queue_state_id_idx", table_name="leads")
    op.drop_index(
        "leads_parked_until_idx", table_name="leads", postgresql_where=sa.text("state = 'parked'")
    )
    op.drop_index(
        "leads_lease_until_idx", table_name="leads", postgresql_where=sa.text("state = 'claimed'")
    )
    op.drop_index(
        "leads_idempotency_key",
        table_name="leads",
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )
    op.drop_index(
        "leads_first_claimed_at_idx",
        table_name="leads",
        postgresql_where=sa.text("first_claimed_at IS NOT NULL"),
    )
    op.drop_index(
        "leads_customer_id_idx",
        table_name="leads",
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.drop_index(
        "leads_claimed_by_idx", table_name="leads", postgresql_where=sa.text("state = 'claimed'")
    )
    op.drop_index(
        "leads_changed_at_idx", table_name="leads", postgresql_include=["version", "queue"]
    )
    op.drop_table("leads")
    op.drop_table("queues")
    op.drop_table("operators")
    op.drop_table("customers")
    op.drop_table("api_keys")
