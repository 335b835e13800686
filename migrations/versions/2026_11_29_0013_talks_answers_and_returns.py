"""Of a lead is known what it came back for, whether somebody talked with its client, and when our
side answered; of an operator, that they wrap a talk up or are on a break, and why."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.TIMESTAMP(timezone=True)
MOMENTS = (
    *("talking_since", "talked_at"),
    *("first_answer_at", "own_answer_at", "unanswered_since", "sign_at", "reply_told_at"),
    "late_told_at",
)
PARKED_FOR = ("callback", "no_answer", "later", "payment", "wholesale_check", "archive")
STATUS = ("online", "away", "offline")


def upgrade() -> None:
    for name in MOMENTS:
        op.add_column("leads", sa.Column(name, MOMENT))
    op.add_column("leads", sa.Column("client_facts", JSONB(none_as_null=True)))
    op.add_column("sources", sa.Column("own_answer_at", MOMENT))
    op.add_column("operators", sa.Column("status_reason", sa.Text))
    op.add_column("operators", sa.Column("wrap_up_until", MOMENT))
    _allow("leads", "parked_for", (*PARKED_FOR, "visit_over"))
    _allow("operators", "status", (*STATUS, "wrap_up", "break"))
    op.create_index(
        "leads_live_idx",
        "leads",
        ["asked_at"],
        postgresql_where=sa.text("live AND state IN ('waiting', 'claimed')"),
    )
    op.create_index(
        "leads_late_again_idx",
        "leads",
        ["queue", "late_told_at"],
        postgresql_where=sa.text("late_told AND state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_index("leads_late_again_idx", "leads")
    op.drop_index("leads_live_idx", "leads")
    op.execute("UPDATE leads SET parked_for = 'callback' WHERE parked_for = 'visit_over'")
    op.execute("UPDATE operators SET status = 'away' WHERE status IN ('wrap_up', 'break')")
    _allow("operators", "status", STATUS)
    _allow("leads", "parked_for", PARKED_FOR)
    op.drop_column("operators", "wrap_up_until")
    op.drop_column("operators", "status_reason")
    op.drop_column("sources", "own_answer_at")
    op.drop_column("leads", "client_facts")
    for name in reversed(MOMENTS):
        op.drop_column("leads", name)


def _allow(table: str, column: str, values: tuple[str, ...]) -> None:
    allowed = ", ".join(f"'{value}'" for value in values)
    op.drop_constraint(op.f(f"{table}_{column}_check"), table)
    op.create_check_constraint(op.f(f"{table}_{column}_check"), table, f"{column} IN ({allowed})")
