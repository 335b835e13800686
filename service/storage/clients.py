"""What is known of the client of a lead before he is spoken to: one statement (rules A22, A23)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from service.leads.card import Card
from service.storage.customers import card_of
from service.storage.database import Database

MOST_EARLIER = 10
MOST_PROMISED = 10

CLIENT = f"""
SELECT customers.*, (
    SELECT coalesce(json_agg(one), '[]') FROM (
        SELECT id, kind, state, outcome, amount::text, note, created_at, settled_at, settled_by
        FROM leads WHERE customer_id = $1 AND id <> $2
        ORDER BY id DESC LIMIT {MOST_EARLIER}
    ) AS one
) AS earlier, (
    SELECT coalesce(json_agg(one), '[]') FROM (
        SELECT id, kind, parked_until, note
        FROM leads WHERE customer_id = $1 AND id <> $2 AND state = 'parked'
        ORDER BY parked_until LIMIT {MOST_PROMISED}
    ) AS one
) AS promised
FROM customers WHERE external_id = $1
"""


@dataclass(frozen=True, slots=True)
class EarlierLead:
    """Another lead of the same client, and what became of it."""

    id: UUID
    kind: str
    state: str
    outcome: str | None
    amount: str | None
    note: str | None
    created_at: datetime
    settled_at: datetime | None
    settled_by: str | None


@dataclass(frozen=True, slots=True)
class Promise:
    """A lead of the same client that is parked until he is called again."""

    id: UUID
    kind: str
    until: datetime
    note: str | None


@dataclass(frozen=True, slots=True)
class Client:
    """A customer with his other leads, the newest first, and the callbacks he was promised."""

    card: Card
    earlier: tuple[EarlierLead, ...]
    promised: tuple[Promise, ...]


async def find_client(database: Database, external_id: str, besides: UUID) -> Client | None:
    """The client with all leads of his but one; None when he has no card."""
    rows = await database.fetch(CLIENT, external_id, besides)
    if not rows:
        return None
    row = rows[0]
    return Client(
        card=card_of(row),
        earlier=tuple(_earlier(one) for one in row["earlier"]),
        promised=tuple(_promise(one) for one in row["promised"]),
    )


def _earlier(said: dict[str, Any]) -> EarlierLead:
    times = {name: _moment(said[name]) for name in ("created_at", "settled_at")}
    return EarlierLead(**{**said, "id": UUID(said["id"]), **times})


def _promise(said: dict[str, Any]) -> Promise:
    until = datetime.fromisoformat(said["parked_until"])
    return Promise(UUID(said["id"]), said["kind"], until, said["note"])


def _moment(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said)
