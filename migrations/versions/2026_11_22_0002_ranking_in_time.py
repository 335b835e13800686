"""Ranking in time: policies as data, timelines, observed conversion."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOVES = (
    "(coalesce(state_before, 'none'), state_after) IN"
    " (('none', 'waiting'), ('waiting', 'claimed'), ('waiting', 'settled'),"
    " ('waiting', 'joined'), ('claimed', 'waiting'), ('claimed', 'parked'),"
    " ('claimed', 'settled'), ('parked', 'waiting'), ('parked', 'settled'),"
    " ('parked', 'joined'))"
)


def upgrade() -> None:
    _policies()
    _conversions()
    _queue_events()
    _queues()
    op.add_column("operators", sa.Column("seen_at", sa.DateTime(timezone=True)))
    _situations()
    _standings()
    _moves(f"state_before = state_after OR {MOVES}")


def _policies() -> None:
    op.create_table(
        "policies",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("policies_version_check")),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name=op.f("policies_queue_fkey")),
        sa.PrimaryKeyConstraint("queue", "version", name=op.f("policies_pkey")),
    )


def _conversions() -> None:
    op.create_table(
        "conversions",
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("won", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.CheckConstraint("won >= 0 AND lost >= 0", name=op.f("conversions_counts_check")),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name=op.f("conversions_queue_fkey")),
        sa.PrimaryKeyConstraint("queue", "kind", "intent", name=op.f("conversions_pkey")),
    )
    op.execute(
        "INSERT INTO conversions SELECT queue, kind, intent,"
        " count(*) FILTER (WHERE outcome = 'won'), count(*) FILTER (WHERE outcome <> 'won')"
        " FROM leads WHERE state = 'settled' GROUP BY queue, kind, intent"
    )


def _queue_events() -> None:
    op.create_table(
        "queue_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name=op.f("queue_events_queue_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("queue_events_pkey")),
    )
    op.create_index("queue_events_queue_id_idx", "queue_events", ["queue", "id"])


def _queues() -> None:
    op.add_column("queues", sa.Column("policy_version", sa.Integer()))
    op.add_column("queues", sa.Column("rush_cutoff_at", sa.DateTime(timezone=True)))
    op.add_column("queues", sa.Column("rush_minutes", sa.Double()))
    op.create_check_constraint(
        op.f("queues_rush_check"), "queues", "num_nonnulls(rush_cutoff_at, rush_minutes) IN (0, 2)"
    )


def _situations() -> None:
    op.add_column("leads", sa.Column("stated_intent", sa.Text()))
    op.add_column("leads", sa.Column("asked_at", sa.DateTime(timezone=True)))
    op.add_column("leads", sa.Column("callback_due", sa.Boolean()))
    op.add_column("leads", sa.Column("rush_cutoff_at", sa.DateTime(timezone=True)))
    op.add_column("leads", sa.Column("rush_minutes", sa.Double()))
    op.execute(
        "UPDATE leads SET asked_at = received_at,"
        " stated_intent = CASE WHEN intent <> 'sale' THEN intent END,"
        " callback_due = state = 'parked'"
        " OR explanation #>> '{stage,rule}' IS NOT DISTINCT FROM 'A11'"
    )
    op.alter_column("leads", "asked_at", nullable=False)
    op.alter_column("leads", "callback_due", nullable=False)


def _standings() -> None:
    op.add_column("leads", sa.Column("chance", sa.Double()))
    op.add_column("leads", sa.Column("observed_won", sa.Integer()))
    op.add_column("leads", sa.Column("observed_lost", sa.Integer()))
    op.add_column("leads", sa.Column("timeline", sa.JSON()))
    op.add_column("leads", sa.Column("next_step_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE leads SET timeline = '[]',"
        # those in line are ranked again, and so get their timelines
        " policy_version = CASE WHEN state IN ('waiting', 'claimed', 'parked') THEN 0"
        " ELSE policy_version END,"
        " chance = coalesce((explanation #>> '{chance,value}')::float8, 0)"
    )
    op.alter_column("leads", "chance", nullable=False)
    op.alter_column("leads", "timeline", nullable=False)
    op.create_check_constraint(op.f("leads_chance_check"), "leads", "chance BETWEEN 0 AND 1")
    op.create_index(
        "leads_next_step_at_idx",
        "leads",
        ["next_step_at"],
        postgresql_where=sa.text("state IN ('waiting', 'claimed')"),
    )
    op.create_index(
        "leads_policy_version_idx",
        "leads",
        ["queue", "policy_version"],
        postgresql_where=sa.text("state IN ('waiting', 'claimed', 'parked')"),
    )
    op.create_index(
        "leads_to_serve_idx",
        "leads",
        ["queue", "id"],
        postgresql_where=sa.text("state IN ('waiting', 'claimed', 'parked')"),
    )


def _moves(allowed: str) -> None:
    op.drop_constraint(op.f("lead_events_move_check"), "lead_events", type_="check")
    op.create_check_constraint(op.f("lead_events_move_check"), "lead_events", allowed)


def downgrade() -> None:
    op.execute("DELETE FROM lead_events WHERE state_before = state_after")
    _moves(MOVES)
    op.drop_index("leads_to_serve_idx", "leads")
    op.drop_index("leads_policy_version_idx", "leads")
    op.drop_index("leads_next_step_at_idx", "leads")
    op.drop_constraint(op.f("leads_chance_check"), "leads", type_="check")
    for name in ("chance", "observed_won", "observed_lost", "timeline", "next_step_at"):
        op.drop_column("leads", name)
    for name in ("stated_intent", "asked_at", "callback_due", "rush_cutoff_at", "rush_minutes"):
        op.drop_column("leads", name)
    op.drop_column("operators", "seen_at")
    op.drop_constraint(op.f("queues_rush_check"), "queues", type_="check")
    for name in ("policy_version", "rush_cutoff_at", "rush_minutes"):
        op.drop_column("queues", name)
    for name in ("queue_events", "conversions", "policies"):
        op.drop_table(name)
