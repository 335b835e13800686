"""How leads end: repeated and undone ends, new outcomes, shows, regions, the scope crm."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MOVES = (
    "state_before = state_after OR (coalesce(state_before, 'none'), state_after) IN"
    " (('none', 'waiting'), ('waiting', 'claimed'), ('waiting', 'settled'),"
)
BEFORE = (
    " ('waiting', 'joined'), ('claimed', 'waiting'), ('claimed', 'parked'),"
    " ('claimed', 'settled'), ('parked', 'waiting'), ('parked', 'settled'),"
    " ('parked', 'joined'))"
)
AFTER = (
    " ('waiting', 'parked'), ('waiting', 'joined'), ('claimed', 'waiting'),"
    " ('claimed', 'parked'), ('claimed', 'settled'), ('parked', 'waiting'),"
    " ('parked', 'settled'), ('parked', 'joined'), ('settled', 'claimed'),"
    " ('settled', 'waiting'))"
)
OUTCOMES = "('won', 'lost', 'cancelled', 'no_answer', 'expired', 'wish'"
MORE = ", 'answered', 'withdrawn_by_client', 'spam', 'duplicate'"
SCOPES = "'read', 'operate', 'supervise', 'admin']  AND cardinality(scopes) > 0"


def upgrade() -> None:
    _checks(AFTER, MORE)
    op.add_column("leads", sa.Column("show", postgresql.JSONB()))
    op.add_column("leads", sa.Column("offer_again_at", MOMENT))
    op.add_column(
        "leads", sa.Column("counted", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.execute(
        "UPDATE leads SET counted = true WHERE state = 'settled'"
        " AND outcome IN ('won', 'lost', 'cancelled', 'no_answer', 'wish')"
    )
    op.create_index(
        op.f("leads_offer_again_at_idx"),
        "leads",
        ["offer_again_at"],
        postgresql_where=sa.text("offer_again_at IS NOT NULL"),
    )
    op.add_column("queues", sa.Column("closed_at", MOMENT))
    op.add_column("sources", sa.Column("queue_by", postgresql.JSONB()))
    _create_ended_claims()
    _scopes("'intake', 'crm', ")
    # whoever told of orders and classes goes on doing so
    op.execute("UPDATE api_keys SET scopes = scopes || '{crm}' WHERE 'intake' = ANY(scopes)")


def _create_ended_claims() -> None:
    op.create_table(
        "ended_claims",
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("claimed_since", MOMENT, nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("content_digest", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "length(token_digest) = 32 AND length(content_digest) = 32",
            name=op.f("ended_claims_digests_check"),
        ),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("ended_claims_pkey")),
    )
    op.create_index(op.f("ended_claims_ended_at_idx"), "ended_claims", ["ended_at"])


def _checks(moves: str, more: str) -> None:
    op.drop_constraint(op.f("lead_events_move_check"), "lead_events", type_="check")
    op.create_check_constraint(op.f("lead_events_move_check"), "lead_events", MOVES + moves)
    op.drop_constraint(op.f("leads_outcome_check"), "leads", type_="check")
    op.create_check_constraint(
        op.f("leads_outcome_check"),
        "leads",
        f"outcome IS NULL OR outcome IN {OUTCOMES}{more}) AND"
        " (outcome <> 'won' OR amount IS NOT NULL) AND"
        " (outcome NOT IN ('lost', 'cancelled') OR reason IS NOT NULL)",
    )


def _scopes(first: str) -> None:
    op.drop_constraint(op.f("api_keys_scopes_check"), "api_keys", type_="check")
    op.create_check_constraint(
        op.f("api_keys_scopes_check"), "api_keys", f"scopes <@ ARRAY[{first}{SCOPES}"
    )


def downgrade() -> None:
    op.execute("UPDATE api_keys SET scopes = array_remove(scopes, 'crm')")
    _scopes("'intake', ")
    op.drop_table("ended_claims")
    op.drop_column("sources", "queue_by")
    op.drop_column("queues", "closed_at")
    for name in ("counted", "offer_again_at", "show"):  # the index goes with its column
        op.drop_column("leads", name)
    _checks(BEFORE, ", 'withdrawn_by_client'")
