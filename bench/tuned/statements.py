"""One statement, and so one commit, for all that fly together: the rows that the service writes."""

from collections.abc import Sequence


def insert(columns: Sequence[str]) -> str:
    """The lead, its client's card and the marks of both, its event."""
    named = ", ".join(f'"{name}"' for name in columns)
    return f"""
WITH cards AS (
    INSERT INTO customers (
        external_id, name, phone, email, messengers, created_at, changed_at, marks_read_at
    )
    SELECT external_id, name, phone, email, messengers, now(), now(), now()
    FROM json_populate_recordset(NULL::customers, $2::text::json)
    ON CONFLICT DO NOTHING
), added AS (
    INSERT INTO leads ({named})
    SELECT {named} FROM json_populate_recordset(NULL::leads, $1::text::json)
    RETURNING id, created_at, created_by
), marks AS (
    INSERT INTO lead_identities (queue, identity, lead_id, strength, open)
    SELECT queue, identity, lead_id, strength, true
    FROM json_populate_recordset(NULL::lead_identities, $3::text::json)
    ON CONFLICT DO NOTHING
), learnt AS (
    INSERT INTO customer_marks (mark, external_id, origin, strength, at)
    SELECT mark, external_id, 'learned', strength, now()
    FROM json_populate_recordset(NULL::customer_marks, $4::text::json)
    ON CONFLICT DO NOTHING
)
INSERT INTO lead_events (lead_id, at, type, actor, state_after)
SELECT id, created_at, 'lead.received', created_by, 'waiting' FROM added
"""


CLAIM = """
WITH claimed AS (
    UPDATE leads SET state = 'claimed', version = version + 1, changed_at = now(),
        claimed_by = wanted.operator, claim_token = wanted.token, claimed_since = now(),
        lease_until = now() + interval '2 minutes', first_claimed_at = now()
    FROM unnest($1::uuid[], $2::text[], $3::text[]) AS wanted (id, operator, token)
    WHERE leads.id = wanted.id AND leads.claim_token IS NULL
    RETURNING leads.*
), told AS (
    INSERT INTO lead_events (lead_id, at, type, actor, state_before, state_after, details)
    SELECT id, changed_at, 'lead.claimed', claimed_by, 'waiting', 'claimed', $4::text::json
    FROM claimed
)
SELECT * FROM claimed
"""

SETTLE = """
WITH ended AS (
    UPDATE leads SET state = 'settled', version = version + 1, changed_at = now(),
        settled_by = claimed_by, settled_at = now(), claimed_by = NULL, claim_token = NULL,
        claimed_since = NULL, lease_until = NULL, outcome = sent.outcome, amount = sent.amount,
        note = sent.note, counted = true
    FROM json_to_recordset($1::text::json) AS sent (
        id uuid, token text, outcome text, amount numeric, note text, token_digest bytea,
        content_digest bytea
    )
    WHERE leads.id = sent.id AND leads.claim_token = sent.token
    RETURNING leads.*, sent.token_digest, sent.content_digest
), marks AS (
    UPDATE lead_identities SET open = false, contested = false FROM ended
    WHERE lead_identities.lead_id = ended.id AND open
), cards AS (
    UPDATE customers SET context = $2::text::jsonb, version = customers.version + 1,
        changed_at = now()
    FROM ended WHERE customers.external_id = ended.customer_id
), kept AS (
    INSERT INTO ended_claims (token_digest, lead_id, operator, claimed_since, verb, content_digest,
        outcome, ended_at, before)
    SELECT token_digest, id, settled_by, first_claimed_at, 'settle', content_digest, outcome,
        changed_at, $3::text::jsonb
    FROM ended
), counted AS (
    INSERT INTO fresh_outcomes (queue, kind, intent, won, lost)
    SELECT queue, kind, intent, 1, 0 FROM ended
), told AS (
    INSERT INTO lead_events (lead_id, at, type, actor, state_before, state_after, details)
    SELECT id, changed_at, 'lead.settled', settled_by, 'claimed', 'settled', $4::text::json
    FROM ended
)
SELECT * FROM ended
"""
