"""A person's draft of a queue's policy, until it is put in force or dropped."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_drafts",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["queue"], ["queues.name"], name=op.f("policy_drafts_queue_fkey")),
        sa.PrimaryKeyConstraint("person", "queue", name=op.f("policy_drafts_pkey")),
    )


def downgrade() -> None:
    op.drop_table("policy_drafts")
