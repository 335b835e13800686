"""What is known of clients, asked for by all who need it at a moment in one statement.

Of a client that is led to somebody, the context of his card; of one that is about to be spoken to,
the card with his other leads (rules A22, A23).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from service.batching import Batcher
from service.leads.card import Card
from service.leads.context import CustomerContext
from service.storage.customers.customers import card_of, context_of
from service.storage.database import Database
from service.storage.rows import Row

MAX_EARLIER = 10
MAX_PROMISED = 10

CONTEXTS = "SELECT external_id, context FROM customers WHERE external_id = ANY ($1::text[])"

CLIENTS = f"""
SELECT customers.*, asked.besides, (
    SELECT coalesce(json_agg(one), '[]') FROM (
        SELECT id, kind, state, outcome, amount::text, note, created_at, settled_at, settled_by
        FROM leads WHERE customer_id = asked.customer AND id <> asked.besides
        ORDER BY id DESC LIMIT {MAX_EARLIER}
    ) AS one
) AS earlier, (
    SELECT coalesce(json_agg(one), '[]') FROM (
        SELECT id, kind, parked_until, note
        FROM leads
        WHERE customer_id = asked.customer AND id <> asked.besides AND state = 'parked'
        ORDER BY parked_until LIMIT {MAX_PROMISED}
    ) AS one
) AS promised
FROM unnest($1::text[], $2::uuid[]) AS asked (customer, besides)
JOIN customers ON customers.external_id = asked.customer
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


class Clients:
    """Where is asked what is known of clients."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._contexts: Batcher[str, CustomerContext | None] = Batcher(self._read_contexts)
        self._clients: Batcher[tuple[str, UUID], Client | None] = Batcher(self._read_clients)

    async def context(self, external_id: str) -> CustomerContext | None:
        """What the card of a customer says of him; None when he has none."""
        return await self._contexts.submit(external_id)

    async def find(self, external_id: str, besides: UUID) -> Client | None:
        """The client with all leads of his but one; None when he has no card."""
        return await self._clients.submit((external_id, besides))

    async def _read_contexts(self, names: Sequence[str]) -> list[CustomerContext | None]:
        rows = await self._database.fetch(CONTEXTS, list(dict.fromkeys(names)))
        existing = {row["external_id"]: context_of(row["context"]) for row in rows}
        return [existing.get(name) for name in names]

    async def _read_clients(self, asked: Sequence[tuple[str, UUID]]) -> list[Client | None]:
        once = dict.fromkeys(asked)
        customers, besides = [name for name, _ in once], [lead for _, lead in once]
        rows = await self._database.fetch(CLIENTS, customers, besides)
        found = {(row["external_id"], row["besides"]): _client(row) for row in rows}
        return [found.get(item) for item in asked]


def _client(row: Row) -> Client:
    return Client(
        card=card_of(row),
        earlier=tuple(_earlier(item) for item in row["earlier"]),
        promised=tuple(_promise(item) for item in row["promised"]),
    )


def _earlier(spec: dict[str, Any]) -> EarlierLead:
    times = {name: _moment(spec[name]) for name in ("created_at", "settled_at")}
    return EarlierLead(**{**spec, "id": UUID(spec["id"]), **times})


def _promise(spec: dict[str, Any]) -> Promise:
    until = datetime.fromisoformat(spec["parked_until"])
    return Promise(UUID(spec["id"]), spec["kind"], until, spec["note"])


def _moment(spec: str | None) -> datetime | None:
    return None if spec is None else datetime.fromisoformat(spec)
