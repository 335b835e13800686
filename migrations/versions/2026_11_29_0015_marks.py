"""Marks recognise clients: which card each is on, how sure it is, whose it is not."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)
# by how a mark is written; numbers that the network gave are seen as such when they come again
STRENGTHS = """
CASE WHEN identity LIKE 'phone:%' THEN 2 WHEN identity LIKE 'email:%' THEN 3 ELSE 1 END
"""


def upgrade() -> None:
    _identities()
    _cards()
    _marks_of_cards()
    _marks_of_nobody()
    op.create_table(
        "client_merges",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("into_client", sa.Text(), nullable=False),
        sa.Column("from_client", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("details", JSONB(none_as_null=True), nullable=False),
        sa.Column("undone_at", Moment),
        sa.Column("undone_by", sa.Text()),
    )
    op.create_index(
        "client_merges_from_client_idx",
        "client_merges",
        ["from_client"],
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.add_column("leads", sa.Column("possibly_same", JSONB(none_as_null=True)))
    op.add_column(
        "sources", sa.Column("own_marks", sa.ARRAY(sa.Text()), nullable=False, server_default="{}")
    )


def downgrade() -> None:
    op.drop_column("sources", "own_marks")
    op.drop_column("leads", "possibly_same")
    for table in ("client_merges", "blocked_marks", "nobodys_marks", "customer_marks"):
        op.drop_table(table)
    op.drop_index("customers_marks_unread_idx", "customers")
    op.drop_index("customers_merged_into_idx", "customers")
    for column in ("marks_read_at", "merged_into", "version"):
        op.drop_column("customers", column)
    op.drop_index("lead_identities_contested_idx", "lead_identities")
    for column in ("strength", "contested"):
        op.drop_column("lead_identities", column)


def _identities() -> None:
    op.add_column(
        "lead_identities",
        sa.Column("contested", sa.Boolean(), nullable=False, server_default="false"),
    )
    op.add_column("lead_identities", sa.Column("strength", sa.SmallInteger(), nullable=True))
    op.execute(f"UPDATE lead_identities SET strength = {STRENGTHS}")
    op.alter_column("lead_identities", "strength", nullable=False)
    op.create_check_constraint(
        op.f("lead_identities_contested_check"), "lead_identities", "NOT (open AND contested)"
    )
    op.create_index(
        "lead_identities_contested_idx",
        "lead_identities",
        ["queue", "identity"],
        postgresql_where=sa.text("contested"),
    )


def _cards() -> None:
    op.add_column(
        "customers", sa.Column("version", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column(
        "customers",
        sa.Column("merged_into", sa.Text(), sa.ForeignKey("customers.external_id"), nullable=True),
    )
    op.add_column("customers", sa.Column("marks_read_at", Moment))
    op.create_check_constraint(
        op.f("customers_merged_into_check"), "customers", "merged_into <> external_id"
    )
    op.create_index(
        "customers_merged_into_idx",
        "customers",
        ["merged_into"],
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index(
        "customers_marks_unread_idx",
        "customers",
        ["external_id"],
        postgresql_where=sa.text("marks_read_at IS NULL"),
    )


def _marks_of_cards() -> None:
    op.create_table(
        "customer_marks",
        sa.Column("mark", sa.Text(), primary_key=True),
        sa.Column(
            "external_id",
            sa.Text(),
            sa.ForeignKey("customers.external_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("origin", sa.Text(), primary_key=True),
        sa.Column("strength", sa.SmallInteger(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.CheckConstraint(
            "origin IN ('shop', 'learned')", name=op.f("customer_marks_origin_check")
        ),
        sa.CheckConstraint("strength BETWEEN 1 AND 3", name=op.f("customer_marks_strength_check")),
        sa.CheckConstraint("length(mark) <= 600", name=op.f("customer_marks_mark_check")),
    )
    op.create_index("customer_marks_external_id_idx", "customer_marks", ["external_id"])
    # what is on the cards is read by upkeep, which knows the queues' regions


def _marks_of_nobody() -> None:
    op.create_table(
        "nobodys_marks",
        sa.Column("queue", sa.Text(), primary_key=True),
        sa.Column("mark", sa.Text(), primary_key=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("at", Moment, nullable=False),
        sa.CheckConstraint("why IN ('line', 'shared')", name=op.f("nobodys_marks_why_check")),
        sa.CheckConstraint("length(mark) <= 600", name=op.f("nobodys_marks_mark_check")),
    )
    op.create_table(
        "blocked_marks",
        sa.Column("mark", sa.Text(), primary_key=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("until", Moment),
        sa.CheckConstraint("length(mark) <= 600", name=op.f("blocked_marks_mark_check")),
    )
