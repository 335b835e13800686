"""Keys may have the scope `metrics`."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BEFORE = "'intake', 'crm', 'read', 'operate', 'supervise', 'admin'"


def upgrade() -> None:
    _allow(f"{BEFORE}, 'metrics'")


def downgrade() -> None:
    op.execute("DELETE FROM api_keys WHERE scopes = '{metrics}'")
    op.execute("UPDATE api_keys SET scopes = array_remove(scopes, 'metrics')")
    _allow(BEFORE)


def _allow(scopes: str) -> None:
    op.drop_constraint(op.f("api_keys_scopes_check"), "api_keys", type_="check")
    op.create_check_constraint(
        op.f("api_keys_scopes_check"),
        "api_keys",
        f"scopes <@ ARRAY[{scopes}] AND cardinality(scopes) > 0",
    )
