"""Ends claims: one statement and one commit for concurrent requests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any
from uuid import UUID

from sqlalchemy.dialects import postgresql

from service.batching import Batcher
from service.leads.claim_end import ClaimEnd
from service.leads.context import CustomerContext
from service.leads.errors import StorageFailed
from service.leads.lead import MOVES, Claim, Lead, State
from service.leads.unchanging import unchanging
from service.storage.database import Database
from service.storage.json_rows import as_stored
from service.storage.leads.ended_claims import what_is_kept
from service.storage.leads.held_leads import HeldLead
from service.storage.leads.history import LeadEvent
from service.storage.leads.leads import NOBODY
from service.storage.tables import leads
from service.tracing.spans import traceparent

ROWS = 32
SKIP = "SKIP LOCKED"

# The columns that an end may write besides those of the holder: for a lead that keeps its place,
# and for a lead that is ranked again.
KEPT: tuple[str, ...] = (
    *("state", "promised_at", "parked_until", "outcome", "reason", "settled_at", "settled_by"),
    *("counted", "note", "amount", "unanswered_calls", "price_profile", "invoice_ends_at"),
)
PLACED: tuple[str, ...] = (
    *KEPT,
    *("parked_for", "parked_by", "callback_due", "late_told"),
    *("kind", "intent", "chance", "observed_won", "observed_lost", "stage", "score", "rank"),
    *("cost_per_minute", "lane", "policy_version", "explanation", "timeline", "next_step_at"),
    *("late_at", "work_minutes", "rush_number", "reading", "line_flags"),
)


def _ends(columns: tuple[str, ...], locked: str) -> str:
    """The statement for these columns, with its guard.

    The claim must have the token and the version that were read. The card, where it changes, must
    have the version that was read. Only a held lead has a token, so the state is not asked: the
    planner would search all held leads for it. Rows are locked in order. A row that somebody else
    has locked counts as gone, unless an end `alone` waits for it.
    """
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    types = ", ".join(f'"{name}" {leads.c[name].type.compile(dialect)}' for name in columns)
    given = ", ".join(f"{name} = sent.{name}" for name in columns)
    return f"""
WITH wanted AS (
    SELECT * FROM json_to_recordset($1::text::json) AS one (
        id uuid, known int, token text, at timestamptz, operator text, card text, card_version int,
        whole text, context jsonb, client text, talked bool, over bool, talk_ended bool, won int,
        lost int, token_digest bytea, claimed_since timestamptz, verb text, content_digest bytea,
        ended_as text, before jsonb, events json, traceparent text, {types}
    )
    ORDER BY id
), free AS MATERIALIZED (
    SELECT found.id, found.queue AS queue_before, found.kind AS kind_before,
        found.intent AS intent_before
    FROM wanted, LATERAL (
        SELECT id, queue, kind, intent, version, claim_token FROM leads
        WHERE leads.id = wanted.id FOR NO KEY UPDATE {locked}
    ) AS found
    WHERE found.version = wanted.known AND found.claim_token = wanted.token
), cards AS MATERIALIZED (
    SELECT external_id, version FROM customers WHERE external_id = ANY (ARRAY(
        SELECT card FROM wanted JOIN free USING (id) WHERE card IS NOT NULL
        UNION SELECT whole FROM wanted JOIN free USING (id) WHERE whole IS NOT NULL
    ))
    ORDER BY external_id FOR NO KEY UPDATE {locked}
), sent AS MATERIALIZED (
    SELECT wanted.*, queue_before, kind_before, intent_before FROM wanted JOIN free USING (id)
    WHERE (card IS NULL OR EXISTS (
            SELECT FROM cards WHERE external_id = card AND version = card_version
        ))
        AND (whole IS NULL OR EXISTS (SELECT FROM cards WHERE external_id = whole))
), ended AS (
    UPDATE leads SET
        version = leads.version + 1, changed_at = sent.at,
        claimed_by = NULL, claim_token = NULL, claimed_since = NULL, lease_until = NULL,
        on_top = false, paused_since = NULL, talking_since = NULL, {given}
    FROM sent WHERE leads.id = sent.id
), marks AS (
    UPDATE lead_identities SET
        open = open AND NOT sent.over, contested = contested AND NOT sent.over,
        talked_by = CASE WHEN sent.talked THEN sent.operator ELSE talked_by END,
        talked_at = CASE WHEN sent.talked THEN sent.at ELSE talked_at END
    FROM sent WHERE lead_identities.lead_id = sent.id
        AND (sent.talked OR sent.over AND (open OR contested))
), kept AS (
    INSERT INTO ended_claims (token_digest, lead_id, operator, claimed_since, verb, content_digest,
        outcome, ended_at, before)
    SELECT token_digest, id, operator, claimed_since, verb, content_digest, ended_as, at, before
    FROM sent
), counted_apart AS (
    INSERT INTO fresh_outcomes (queue, kind, intent, won, lost)
    SELECT queue_before, kind_before, intent_before, won, lost FROM sent WHERE won IS NOT NULL
), known AS (
    UPDATE customers SET
        context = coalesce(one.context, customers.context),
        changed_at = coalesce(one.at, customers.changed_at), version = customers.version + 1
    FROM (
        SELECT card, context, at FROM sent WHERE card IS NOT NULL
        UNION ALL SELECT DISTINCT whole, NULL::jsonb, NULL::timestamptz FROM sent
        WHERE whole NOT IN (SELECT card FROM sent WHERE card IS NOT NULL)
    ) AS one
    WHERE customers.external_id = one.card
), finishing AS MATERIALIZED (
    SELECT name FROM operators
    WHERE wrap_up_until IS NOT NULL AND name = ANY (ARRAY(
        SELECT operator FROM sent WHERE talk_ended
    ))
    ORDER BY name FOR NO KEY UPDATE
), at_hand AS (
    UPDATE operators SET wrap_up_until = NULL FROM finishing WHERE operators.name = finishing.name
), told AS (
    INSERT INTO lead_events (lead_id, at, type, actor, reason, state_before, state_after, details,
        traceparent)
    SELECT sent.id, event.at, event.type, event.actor, event.reason, event.state_before, sent.state,
        event.details, sent.traceparent
    FROM sent, json_to_recordset(sent.events) AS event (
        number int, at timestamptz, type text, actor text, reason text, state_before text,
        details json
    )
    ORDER BY sent.id, event.number
)
SELECT id, CASE WHEN client IS NOT NULL THEN has_open_lead(client, id) ELSE false END AS more_open
FROM sent
"""


ENDS = {
    (columns, locked): _ends(columns, locked) for columns in (KEPT, PLACED) for locked in (SKIP, "")
}


@unchanging
class EndOfClaim:
    """How a claim ends: the columns to write, and `lead` as it is afterwards.

    With `talked` the lead's marks remember the operator. `context` is the card's new context. `won`
    counts for the chances; None counts nothing. With `asks` the client's other open leads are
    looked up.
    """

    held: HeldLead
    claim: Claim
    end: ClaimEnd
    columns: Mapping[str, Any]
    lead: Lead
    events: tuple[LeadEvent, ...]
    talked: bool = False
    context: CustomerContext | None = None
    won: bool | None = None
    asks: bool = False
    traceparent: str | None = field(default_factory=traceparent)


def end_of_claim(
    held: HeldLead, end: ClaimEnd, to: State, event: LeadEvent, changes: Mapping[str, Any]
) -> EndOfClaim:
    """The end of a lead's current claim by a move to another state, with its event."""
    claim = held.lead.claim
    assert claim is not None, "its token was checked"
    columns, lead = held.moved(to, changes, event.at)
    return EndOfClaim(held, claim, end, columns, lead, (event,))


class Endings:
    """Ends claims."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = self._batch(KEPT)
        self._placed = self._batch(PLACED)

    async def end(self, ending: EndOfClaim, *, alone: bool = False) -> bool | None:
        """Commit an end; returns whether the client has another open lead, if it `asks`.

        None when the lead or the card has changed since it was read. An end that goes `alone` waits
        for locked rows.
        """
        columns = _columns_of(ending)
        if alone:
            return (await self._end(columns, "", [ending]))[0]
        return await (self._kept if columns is KEPT else self._placed).submit(ending)

    def _batch(self, columns: tuple[str, ...]) -> Batcher[EndOfClaim, bool | None]:
        async def carry(endings: Sequence[EndOfClaim]) -> Sequence[bool | Exception | None]:
            return await self._carry(columns, endings)

        return Batcher(carry, name="ends", size=ROWS, max_in_flight=1)

    async def _carry(
        self, columns: tuple[str, ...], endings: Sequence[EndOfClaim]
    ) -> Sequence[bool | Exception | None]:
        """If a batch fails because of one lead, each end is tried alone, so the others succeed."""
        try:
            return await self._end(columns, SKIP, endings)
        except StorageFailed as error:
            if len(endings) == 1:
                return [error]
            return [(await self._carry(columns, [ending]))[0] for ending in endings]

    async def _end(
        self, columns: tuple[str, ...], locked: str, endings: Sequence[EndOfClaim]
    ) -> list[bool | None]:
        first = _first_of_each(endings)
        rows = [_row(ending, columns) for ending in first]
        found = await self._database.fetch(ENDS[columns, locked], as_stored(rows))
        more_open = {row["id"]: row["more_open"] for row in found}
        went = {id(ending) for ending in first}
        return [more_open.get(item.lead.id) if id(item) in went else None for item in endings]


def _first_of_each(endings: Iterable[EndOfClaim]) -> list[EndOfClaim]:
    """One end for each lead and each card; the others are tried again and see its changes."""
    leads_of, cards_of, first = set[UUID](), set[str](), []
    for ending in endings:
        card = _card(ending)
        if ending.lead.id not in leads_of and card not in cards_of:
            first.append(ending)
            leads_of.add(ending.lead.id)
            if card is not None:
                cards_of.add(card)
    return first


def _columns_of(ending: EndOfClaim) -> tuple[str, ...]:
    """The shorter list if it has all columns that are written."""
    written = ending.columns.keys() - NOBODY.keys()
    if unknown := written.difference(PLACED):
        raise ValueError(f"An end writes no {unknown}.")
    return KEPT if written.issubset(KEPT) else PLACED


def _card(ending: EndOfClaim) -> str | None:
    """The number of the card that changes; None if none does."""
    card = None if ending.context is None else ending.held.card
    return None if card is None else card.customer.external_id


def _row(ending: EndOfClaim, columns: tuple[str, ...]) -> dict[str, Any]:
    held, claim, at = ending.held, ending.claim, ending.events[0].at
    card, won = _card(ending), ending.won
    kept = what_is_kept(held.lead, claim, ending.end)
    return {
        "id": str(held.lead.id),  # asyncpg's own ids have no JSON form
        "known": held.lead.version,
        "token": claim.token,
        "at": at,
        "operator": claim.operator,
        "card": card,
        "card_version": held.card_version,
        "whole": held.card.merged_into if card is not None and held.card else None,
        "context": None if card is None else ending.context,
        "client": held.row["customer_id"] if ending.asks else None,
        "talked": ending.talked,
        "over": not MOVES[ending.lead.state],
        "talk_ended": held.lead.situation.talked_at is not None,
        "won": None if won is None else int(won),
        "lost": None if won is None else int(not won),
        "ended_as": kept.pop("outcome"),
        **kept,
        "events": [_event(ending, number) for number in range(len(ending.events))],
        "traceparent": ending.traceparent,
        **{name: ending.columns.get(name, held.row[name]) for name in columns},
    }


def _event(ending: EndOfClaim, number: int) -> dict[str, Any]:
    """A row of an event; the move is event 0, further events happened after it."""
    event, state = ending.events[number], ending.lead.state
    return {
        "number": number,
        "at": event.at,
        "type": event.type,
        "actor": event.actor,
        "reason": event.reason,
        "state_before": ending.held.lead.state if number == 0 else state,
        "details": event.details,
    }
