"""What the end of a claim depends on; one statement serves all callers of a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from service.batching import Batcher
from service.leads.card import Card
from service.leads.errors import LeadNotFound
from service.leads.lead import Channel, Lead, State, check_move
from service.storage.customers.customers import card_of
from service.storage.database import Database
from service.storage.json_rows import as_stored
from service.storage.leads.leads import columns_moved
from service.storage.rows import Row, lead_of

# Nothing is locked: the later write is guarded by the versions that are read here.
HELD = """
SELECT leads.*, card.version AS card_version, card.external_id AS card_external_id,
    card.name AS card_name, card.phone AS card_phone, card.email AS card_email,
    card.messengers AS card_messengers, card.context AS card_context,
    card.changed_at AS card_changed_at, card.merged_into AS card_merged_into, (
        SELECT array_agg(DISTINCT facts ->> 'channel') FROM lead_signals
        WHERE lead_signals.lead_id = leads.id AND sort <> 'change'
    ) AS channels, leads.kind = 'office' AND EXISTS (
        SELECT FROM leads AS calls WHERE calls.parked_by = leads.claimed_by
            AND calls.parked_for = 'visit_over' AND calls.state = 'parked'
    ) AS cut_calls_short
FROM unnest($1::uuid[]) AS asked (id)
JOIN leads ON leads.id = asked.id
LEFT JOIN customers AS card ON card.external_id = leads.customer_id
"""
CARD = "card_"
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class HeldLead:
    """A lead, its client's card and its signals' channels, as they were a moment ago.

    It `cut_calls_short` if it is a visitor for whom its operator parked calls (A7).
    """

    lead: Lead
    row: Mapping[str, Any]
    card: Card | None
    card_version: int | None
    channels: frozenset[Channel]
    cut_calls_short: bool

    def moved(
        self, to: State, changes: Mapping[str, Any], at: datetime
    ) -> tuple[dict[str, Any], Lead]:
        """The columns that a move writes, and the lead afterwards; raises MoveNotAllowed."""
        check_move(self.lead.state, to)
        columns = columns_moved(self.lead, to, changes, at)
        after = {name: _read_again(name, value) for name, value in columns.items()}
        return columns, lead_of({**self.row, **after, "version": self.lead.version + 1})


def _read_again(name: str, value: Any) -> Any:
    """A value as it would be read from its column."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, dict | list):
        return orjson.loads(as_stored(value))
    return Decimal(value).quantize(CENT) if name == "amount" and value is not None else value


class HeldLeads:
    """Reads what the end of a claim depends on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch: Batcher[UUID, HeldLead | None] = Batcher(
            self._read, name="held", max_in_flight=1
        )

    async def find(self, lead_id: UUID) -> HeldLead:
        """The lead with its card and channels; raises LeadNotFound."""
        found = await self._batch.submit(lead_id)
        if found is None:
            raise LeadNotFound(f"No lead has the id {lead_id}.")
        return found

    async def _read(self, asked: Sequence[UUID]) -> list[HeldLead | None]:
        rows = await self._database.fetch(HELD, list(dict.fromkeys(asked)))
        found = {row["id"]: _held(dict(row)) for row in rows}
        return [found.get(item) for item in asked]


def _held(row: dict[str, Any]) -> HeldLead:
    lead = lead_of(row)
    version = row["card_version"]
    return HeldLead(
        lead=lead,
        row=row,
        card=None if version is None else card_of(_CardOf(row)),
        card_version=version,
        channels=frozenset((lead.signal.channel, *map(Channel, row["channels"] or ()))),
        cut_calls_short=row["cut_calls_short"],
    )


@dataclass(frozen=True, slots=True)
class _CardOf:
    """The columns of a card within the row of a lead."""

    row: Row

    def __getitem__(self, name: str, /) -> Any:
        return self.row[CARD + name]
