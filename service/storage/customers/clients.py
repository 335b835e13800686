"""What is known of clients; one statement serves all callers of a moment.

Before a talk with a client, operators see the card with the client's other leads (A22, A23).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from service.batching import Batcher
from service.leads.card import Card, merged_contexts
from service.leads.unchanging import unchanging
from service.storage.customers.customers import card_of, context_of
from service.storage.database import Database
from service.storage.rows import Row

MAX_EARLIER = 10
MAX_PROMISED = 10

# The ids are found first; otherwise the planner would go through all leads in order.
CLIENTS = f"""
SELECT customers.*, asked.besides, (
    SELECT coalesce(json_agg(context ORDER BY external_id), '[]') FROM customers AS part
    WHERE part.merged_into = asked.customer AND part.context IS NOT NULL
) AS parts, (
    SELECT coalesce(json_agg(one ORDER BY one.id DESC), '[]') FROM (
        SELECT id FROM (
            (SELECT id FROM leads
            WHERE customer_id = asked.customer AND id <> asked.besides
            ORDER BY id DESC LIMIT {MAX_EARLIER})
            UNION (SELECT own.id FROM customers AS part, LATERAL (
                SELECT id FROM leads
                WHERE customer_id = part.external_id AND id <> asked.besides
                ORDER BY id DESC LIMIT {MAX_EARLIER}
            ) AS own
            WHERE part.merged_into = asked.customer
            ORDER BY own.id DESC LIMIT {MAX_EARLIER})
            UNION ( -- before there was a card, the client was known by the mark alone
            SELECT had.lead_id FROM leads AS asking, customer_marks, LATERAL (
                SELECT lead_id FROM lead_identities
                WHERE queue = asking.queue AND identity = customer_marks.mark
                    AND lead_id <> asked.besides
                ORDER BY lead_id DESC LIMIT {MAX_EARLIER}
            ) AS had
            WHERE asking.id = asked.besides AND customer_marks.external_id = asked.customer)
        ) AS theirs
        ORDER BY id DESC LIMIT {MAX_EARLIER}
    ) AS newest, LATERAL (
        SELECT id, kind, state, outcome, amount::text, note, created_at, settled_at, settled_by
        FROM leads WHERE leads.id = newest.id
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


@unchanging
class EarlierLead:
    """Another lead of the same client, and its outcome."""

    id: UUID
    kind: str
    state: str
    outcome: str | None
    amount: str | None
    note: str | None
    created_at: datetime
    settled_at: datetime | None
    settled_by: str | None


@unchanging
class Promise:
    """A lead of the same client that is parked until the client is called again."""

    id: UUID
    kind: str
    until: datetime
    note: str | None


@unchanging
class Client:
    """A customer with their other leads, the newest first, and their promised callbacks."""

    card: Card
    earlier: tuple[EarlierLead, ...]
    promised: tuple[Promise, ...]


class Clients:
    """Reads what is known of clients."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._clients: Batcher[tuple[str, UUID], Client | None] = Batcher(
            self._read_clients, name="clients", max_in_flight=1
        )

    async def find(self, external_id: str, besides: UUID) -> Client | None:
        """The client with all their leads except `besides`; None when they have no card."""
        return await self._clients.submit((external_id, besides))

    async def _read_clients(self, asked: Sequence[tuple[str, UUID]]) -> list[Client | None]:
        once = dict.fromkeys(asked)
        customers, besides = [name for name, _ in once], [lead for _, lead in once]
        rows = await self._database.fetch(CLIENTS, customers, besides)
        found = {(row["external_id"], row["besides"]): _client(row) for row in rows}
        return [found.get(item) for item in asked]


def _client(row: Row) -> Client:
    card = card_of(row)
    contexts = [card.context, *(context_of(part) for part in row["parts"])]
    return Client(
        card=replace(card, context=merged_contexts(contexts)),
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
