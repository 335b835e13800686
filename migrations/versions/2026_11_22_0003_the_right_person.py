"""The right person: presence, customers' context, whom a lead is led to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXTS = sa.ARRAY(sa.Text())
OPERATORS = ("status", "status_since", "capacity_by_kind", "shifts")
LEADS = (
    *("owner", "owner_rule", "demanded_skills", "skills_rule", "credited_to", "assigned_to"),
    *("declined_by", "pinned_at", "asked_skills", "parked_for", "parked_by", "price_profile"),
)
PARKED_FOR = (
    "parked_for IN ('callback', 'no_answer', 'later', 'payment', 'wholesale_check', 'archive')"
)

TASKS = ("task_campaign", "task_operator", "task_opened_at", "task_expires_at")
OPEN, FREE = "('waiting', 'claimed', 'parked')", "('waiting', 'parked')"
OUTCOME = (
    "outcome IS NULL OR outcome IN ('won', 'lost', 'cancelled', 'no_answer') AND"
    " (outcome <> 'won' OR amount IS NOT NULL) AND"
    " (outcome NOT IN ('lost', 'cancelled') OR reason IS NOT NULL)"
)
ON_TOP = (
    "state = 'claimed' AND NOT (on_top AND paused_since IS NOT NULL)"
    " OR NOT on_top AND paused_since IS NULL"
)

# A volatile function sees what was committed after the statement that calls it began: under the
# operator's lock the count is the present one. Whoever finds the lock taken is to come again.
MAY_TAKE_ONE_MORE = """
CREATE FUNCTION may_take_one_more(taker text, wanted_kind text, ahead bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('operator ' || taker)) THEN
        RETURN false;
    END IF;
    RETURN (
        SELECT operators.status IS DISTINCT FROM 'offline'
            AND held.leads + ahead < operators.capacity
            AND held.of_kind + ahead < coalesce(
                (operators.capacity_by_kind ->> wanted_kind)::int, operators.capacity
            )
        FROM operators, LATERAL (
            SELECT count(*) AS leads, count(*) FILTER (WHERE kind = wanted_kind) AS of_kind
            FROM leads WHERE claimed_by = taker AND state = 'claimed'
        ) AS held
        WHERE operators.name = taker
    );
END $$
"""


def upgrade() -> None:
    op.add_column("operators", sa.Column("status", sa.Text()))
    op.add_column("operators", sa.Column("status_since", sa.DateTime(timezone=True)))
    for name in ("capacity_by_kind", "shifts"):
        op.add_column("operators", sa.Column(name, postgresql.JSONB(none_as_null=True)))
    op.create_check_constraint(
        op.f("operators_status_check"), "operators", "status IN ('online', 'away', 'offline')"
    )
    op.add_column("customers", sa.Column("context", postgresql.JSONB(none_as_null=True)))
    for name in ("owner", "credited_to", "assigned_to"):
        op.add_column("leads", sa.Column(name, sa.Text()))
    for name in ("owner_rule", "skills_rule"):
        op.add_column("leads", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("demanded_skills", "declined_by", "asked_skills"):
        op.add_column("leads", sa.Column(name, TEXTS, nullable=False, server_default="{}"))
    op.add_column("leads", sa.Column("pinned_at", sa.DateTime(timezone=True)))
    _add_tasks()
    _add_endings()
    _add_reminders()
    _add_on_top()
    _add_lateness()


def _add_tasks() -> None:
    for name in ("task_campaign", "task_operator"):
        op.add_column("leads", sa.Column(name, sa.Text()))
    for name in ("task_opened_at", "task_expires_at"):
        op.add_column("leads", sa.Column(name, sa.DateTime(timezone=True)))
    op.create_check_constraint(
        op.f("leads_task_check"), "leads", f"num_nonnulls({', '.join(TASKS)}) IN (0, 4)"
    )
    op.drop_constraint(op.f("leads_outcome_check"), "leads", type_="check")
    op.create_check_constraint(
        op.f("leads_outcome_check"),
        "leads",
        OUTCOME.replace("'no_answer'", "'no_answer', 'expired', 'wish'"),
    )
    for name, states in (("task_operator", OPEN), ("task_expires_at", FREE)):
        op.create_index(
            op.f(f"leads_{name}_idx"),
            "leads",
            [name],
            postgresql_where=sa.text(f"{name} IS NOT NULL AND state IN {states}"),
        )


def _drop_tasks() -> None:
    for name in TASKS:  # their indexes and the check go with them
        op.drop_column("leads", name)
    op.drop_constraint(op.f("leads_outcome_check"), "leads", type_="check")
    # NOT VALID: what expired meanwhile stays as it is
    op.execute(f"ALTER TABLE leads ADD CONSTRAINT leads_outcome_check CHECK ({OUTCOME}) NOT VALID")


def _add_reminders() -> None:
    looked_at = sa.DateTime(timezone=True)
    op.add_column(
        "customers",
        sa.Column("orders_looked_at", looked_at, nullable=False, server_default="epoch"),
    )
    op.create_index(
        "customers_orders_looked_at_idx",
        "customers",
        ["orders_looked_at"],
        postgresql_where=sa.text("context @? '$.orders[*] ? (@.state != \"done\")'"),
    )
    op.create_table(
        "order_reminders",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "customer_id", "number", "type", "at", name=op.f("order_reminders_pkey")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.external_id"],
            ondelete="CASCADE",
            name=op.f("order_reminders_customer_id_fkey"),
        ),
    )


def _add_endings() -> None:
    for name in ("parked_for", "parked_by", "price_profile"):
        op.add_column("leads", sa.Column(name, sa.Text()))
    op.create_check_constraint(op.f("leads_parked_for_check"), "leads", PARKED_FOR)
    op.create_check_constraint(
        op.f("leads_price_profile_check"), "leads", "price_profile IN ('OPT', 'OPT1', 'OPT2')"
    )
    op.create_index(
        "leads_outcome_id_idx",
        "leads",
        ["outcome", "id"],
        postgresql_where=sa.text("outcome IS NOT NULL"),
    )


def _add_on_top() -> None:
    for name in ("paused_since", "call_told_at"):
        op.add_column("leads", sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column("leads", sa.Column("call_told", sa.Text()))
    op.add_column(
        "leads", sa.Column("on_top", sa.Boolean(), nullable=False, server_default="false")
    )
    op.create_check_constraint(op.f("leads_on_top_check"), "leads", ON_TOP)
    op.create_index(
        "leads_paused_idx",
        "leads",
        ["claimed_by"],
        postgresql_where=sa.text("paused_since IS NOT NULL"),
    )
    op.execute(MAY_TAKE_ONE_MORE)


def _drop_on_top() -> None:
    op.execute("DROP FUNCTION may_take_one_more")
    for name in (
        "paused_since",
        "on_top",
        "call_told",
        "call_told_at",
    ):  # index and check go with them
        op.drop_column("leads", name)


def _add_lateness() -> None:
    for name in ("promised_at", "late_at"):
        op.add_column("leads", sa.Column(name, sa.DateTime(timezone=True)))
    reported: sa.Column[bool] = sa.Column(
        "late_told", sa.Boolean(), nullable=False, server_default=sa.text("false")
    )
    op.add_column("leads", reported)
    op.create_index(
        op.f("leads_late_idx"),
        "leads",
        ["queue", "late_told", "late_at", "id"],
        postgresql_where=sa.text(f"state IN {OPEN}"),
    )
    op.create_index(
        op.f("lead_events_claimed_at_idx"),
        "lead_events",
        ["at"],
        postgresql_where=sa.text("type = 'lead.claimed'"),
    )


def _drop_lateness() -> None:
    op.drop_index(op.f("lead_events_claimed_at_idx"), "lead_events")
    for name in ("promised_at", "late_at", "late_told"):
        op.drop_column("leads", name)


def downgrade() -> None:
    _drop_lateness()
    _drop_on_top()
    op.drop_table("order_reminders")
    op.drop_index("customers_orders_looked_at_idx", "customers")
    op.drop_column("customers", "orders_looked_at")
    op.drop_index("leads_outcome_id_idx", "leads")
    _drop_tasks()
    for name in LEADS:
        op.drop_column("leads", name)
    op.drop_column("customers", "context")
    op.drop_constraint(op.f("operators_status_check"), "operators", type_="check")
    for name in OPERATORS:
        op.drop_column("operators", name)
