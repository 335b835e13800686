"""Deliveries to a subscription: taken for a while, tried, and in the end delivered or given up.

A process that takes a delivery has it for a minute; if the process dies, another one may take it.
Of each lead or queue only the first pending event has a time for its next try. When it ends, the
next event gets its turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from service.leads.outgoing_event import OutgoingEvent, event_id, public_details, public_reason
from service.storage.database import Connection, Database
from service.storage.events.subscriptions import Subscription, subscription_of
from service.storage.json_rows import as_json
from service.storage.rows import Row

LEASE = timedelta(seconds=60)  # longer than any try takes

SUBSCRIPTIONS_DUE = """
SELECT * FROM subscriptions
WHERE active AND (paused_until IS NULL OR paused_until <= $1) AND EXISTS (
    SELECT FROM event_deliveries
    WHERE event_deliveries.subscription = subscriptions.name AND next_try_at <= $1
)
ORDER BY name
"""

TAKE = """
WITH due AS (
    SELECT id FROM event_deliveries
    WHERE subscription = $1 AND next_try_at <= $2 AND EXISTS (
        SELECT FROM subscriptions
        WHERE name = $1 AND active AND (paused_until IS NULL OR paused_until <= $2)
    )
    ORDER BY next_try_at, id LIMIT $3
    FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE event_deliveries AS one SET
        attempts = one.attempts + 1, next_try_at = $2 + $4::interval, last_tried_at = $2,
        first_tried_at = coalesce(one.first_tried_at, $2)
    FROM due WHERE one.id = due.id
    RETURNING one.*
)
SELECT taken.id AS delivery_id, taken.attempts, taken.first_tried_at, taken.log, taken.event_id,
    taken.type, coalesce(of_lead.at, of_queue.at) AS at, leads.id AS lead_id,
    coalesce(leads.queue, of_queue.queue) AS queue, leads.kind, leads.channel, leads.source,
    CASE WHEN personal OR NOT EXISTS (SELECT FROM sources WHERE sources.name = leads.source)
        THEN leads.external_id END AS external_id,
    personal, CASE WHEN personal THEN leads.customer END AS customer,
    CASE WHEN personal THEN leads.text END AS text, CASE WHEN personal THEN leads.note END AS note,
    of_lead.state_before, of_lead.state_after,
    coalesce(of_lead.actor, of_queue.actor) AS actor, of_lead.reason,
    coalesce(of_lead.details, of_queue.details) AS details,
    coalesce(of_lead.traceparent, of_queue.traceparent) AS traceparent
FROM taken JOIN (SELECT name, personal FROM subscriptions) AS told ON told.name = taken.subscription
LEFT JOIN lead_events AS of_lead ON taken.log = 'lead' AND of_lead.id = taken.event_id
LEFT JOIN leads ON leads.id = of_lead.lead_id
LEFT JOIN queue_events AS of_queue ON taken.log = 'queue' AND of_queue.id = taken.event_id
ORDER BY taken.id
"""

# A receiver's request counts only if the subscription has not changed since the try began
# (`as_of`): it may belong to another receiver now. This must be the first statement of an end: it
# locks the subscription, and nothing is passed on until the commit (event_fan_out).
NOTE = text("""
UPDATE subscriptions SET
    last_success_at = CASE WHEN :ok THEN CAST(:now AS timestamptz) ELSE last_success_at END,
    last_failure_at = CASE WHEN CAST(:error AS text) IS NULL THEN last_failure_at ELSE :now END,
    last_failure = coalesce(:error, last_failure),
    paused_until = greatest(
        paused_until, CASE WHEN changed_at = :as_of THEN CAST(:paused_until AS timestamptz) END
    ),
    active = active
        AND (changed_at = :as_of AND CAST(:disabled_for AS text) IS NOT NULL) IS NOT TRUE,
    disabled_for = coalesce(disabled_for, CASE WHEN changed_at = :as_of THEN :disabled_for END)
WHERE name = :subscription
""")
# A process whose minute is over, and whose delivery another one took, changes nothing.
END = text("""
UPDATE event_deliveries AS one SET
    state = said.state, next_try_at = said.next_try_at, last_status = said.status,
    last_error = said.error,
    ended_at = CASE WHEN said.state <> 'pending' THEN CAST(:now AS timestamptz) END
FROM json_to_recordset(CAST(:endings AS json)) AS said
    (id bigint, attempts int, state text, next_try_at timestamptz, status int, error text)
WHERE one.id = said.id AND one.attempts = said.attempts AND one.state = 'pending'
RETURNING one.about, one.state
""")
NEXT_TURN = text("""
UPDATE event_deliveries SET next_try_at = :now
WHERE id IN (
    SELECT first.id FROM unnest(CAST(:abouts AS text[])) AS given (about), LATERAL (
        SELECT id FROM event_deliveries
        WHERE subscription = :subscription AND about = given.about AND state = 'pending'
        ORDER BY event_id LIMIT 1
    ) AS first
    WHERE NOT EXISTS (
        SELECT FROM event_deliveries
        WHERE subscription = :subscription AND about = given.about AND state = 'pending'
            AND next_try_at IS NOT NULL
    )
)
""")


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that was taken: its number of tries, and what to send."""

    id: int
    attempts: int
    first_tried_at: datetime
    event: OutgoingEvent


@dataclass(frozen=True, slots=True)
class Ending:
    """How a try ended.

    Without an `error` the event is delivered. Else it is tried again at `next_try_at`, or given up
    without one. `status` is the status of the answer, if any. With `paused_until` the receiver
    asked us to come later, with `disabled_for` not to come again. `as_of` is when the subscription
    was last changed before the try.
    """

    status: int | None
    error: str | None = None
    next_try_at: datetime | None = None
    paused_until: datetime | None = None
    disabled_for: str | None = None
    as_of: datetime | None = None

    @property
    def state(self) -> str:
        """`delivered`, `pending` or `dead`."""
        if self.error is None:
            return "delivered"
        return "dead" if self.next_try_at is None else "pending"


async def subscriptions_due(database: Database, now: datetime) -> list[Subscription]:
    """The subscriptions that something can be sent to now."""
    return [subscription_of(row) for row in await database.fetch(SUBSCRIPTIONS_DUE, now)]


async def take_due(database: Database, subscription: str, now: datetime, limit: int) -> list[Due]:
    """Take due deliveries of a subscription, the longest overdue first; one per lead."""
    return [_due(row) for row in await database.fetch(TAKE, subscription, now, limit, LEASE)]


async def end_tries(
    connection: Connection, subscription: str, endings: Sequence[tuple[Due, Ending]], now: datetime
) -> None:
    """Record how tries ended; the next event of a lead gets its turn after an ended one.

    `endings` has at least one item.
    """
    note = {"subscription": subscription, "now": now, **_noted([ending for _, ending in endings])}
    await connection.execute(NOTE, note)
    rows = as_json([_ending_row(due, ending) for due, ending in endings])
    ended = (await connection.execute(END, {"endings": rows, "now": now})).all()
    abouts = [about for about, state in ended if state != "pending"]
    if abouts:
        await give_turns(connection, subscription, abouts, now)


def _noted(spec: Sequence[Ending]) -> dict[str, Any]:
    """What the tries show about the receiver; only the latest tries' requests count."""
    errors = [item.error for item in spec if item.error is not None]
    as_of = max((item.as_of for item in spec if item.as_of is not None), default=None)
    asked = [item for item in spec if item.as_of == as_of]
    pauses = [item.paused_until for item in asked if item.paused_until is not None]
    return {
        "ok": len(errors) < len(spec),
        "error": errors[-1] if errors else None,
        "as_of": as_of,
        "paused_until": max(pauses, default=None),
        "disabled_for": next((item.disabled_for for item in asked if item.disabled_for), None),
    }


async def give_turns(
    connection: Connection, subscription: str, abouts: Sequence[str], now: datetime
) -> None:
    """Let the first pending event of leads or queues be sent, unless one is under way."""
    turns = {"subscription": subscription, "abouts": list(dict.fromkeys(abouts)), "now": now}
    await connection.execute(NEXT_TURN, turns)


def _ending_row(due: Due, ending: Ending) -> dict[str, Any]:
    return {
        "id": due.id,
        "attempts": due.attempts,
        "state": ending.state,
        "next_try_at": ending.next_try_at,
        "status": ending.status,
        "error": ending.error,
    }


def _due(row: Row) -> Due:
    data = _lead_data(row) if row["log"] == "lead" else {"queue": row["queue"]}
    data |= {"actor": row["actor"], "details": public_details(row["details"])}
    name = event_id(row["log"], row["event_id"])
    event = OutgoingEvent(name, row["type"], row["at"], data, row["traceparent"])
    return Due(row["delivery_id"], row["attempts"], row["first_tried_at"], event)


def _lead_data(row: Row) -> dict[str, Any]:
    return {
        "lead_id": str(row["lead_id"]),
        **{name: row[name] for name in ("queue", "kind", "channel", "source", "external_id")},
        "state_before": row["state_before"],
        "state_after": row["state_after"],
        "reason": public_reason(row["type"], row["reason"]),
        **(_client_data(row) if row["personal"] else {}),
    }


def _client_data(row: Row) -> dict[str, Any]:
    """The client's data for a personal subscription."""
    known = row["customer"] or {}
    names = ("external_id", "name", "phone", "phones", "email", "messengers")
    client = {name: known[name] for name in names if known.get(name)}
    return {"client": client or None, "text": row["text"], "note": row["note"]}
