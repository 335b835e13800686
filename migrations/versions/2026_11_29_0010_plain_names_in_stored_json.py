"""Stored decisions and results of deliveries use the names that the API answers.

A decision's `lacked` is `behind_by`, its `kept_out` is `not_eligible`; a delivery's
`result[].heard` is `result[].event`. Quotes inside of texts are escaped in JSON, so that the
pattern meets keys only.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEYS = (("lacked", "behind_by"), ("kept_out", "not_eligible"))
EVENTS = (
    ("Word", "message"),
    ("CallHeard", "call"),
    ("Left", "conversation_ended"),
)


def upgrade() -> None:
    for old, new in KEYS:
        _rename_in_events(old, new)
    _rename_in_results("heard", "event", EVENTS)


def downgrade() -> None:
    for old, new in KEYS:
        _rename_in_events(new, old)
    _rename_in_results("event", "heard", tuple((new, old) for old, new in EVENTS))


def _rename_in_events(old: str, new: str) -> None:
    op.execute(
        "UPDATE lead_events SET details = "
        f"regexp_replace(details::text, '\"{old}\"\\s*:', '\"{new}\":', 'g')::json "
        f"WHERE details::text ~ '\"{old}\"\\s*:'"
    )


def _rename_in_results(old: str, new: str, values: tuple[tuple[str, str], ...]) -> None:
    cases = " ".join(f"WHEN '{before}' THEN '{after}'" for before, after in values)
    op.execute(
        "UPDATE deliveries SET result = (SELECT jsonb_agg(item - "
        f"'{old}' || jsonb_build_object('{new}', CASE item->>'{old}' {cases} "
        f"ELSE item->>'{old}' END) ORDER BY number) "
        "FROM jsonb_array_elements(result) WITH ORDINALITY AS items(item, number)) "
        f"WHERE jsonb_typeof(result) = 'array' AND result @> '[{{}}]' "
        f"AND jsonb_path_exists(result, '$[*].{old}')"
    )
