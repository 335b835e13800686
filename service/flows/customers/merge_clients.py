"""A person says that two clients are one (A20): by their cards, or by a lead where there is none.

Postgres only, in one transaction: the leads of both are locked first, in the order of their ids,
then the cards. Which leads became one by it, and what a card learnt, is written down, so that it
can be undone. Nothing is copied between cards: one is part of the other from then on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import uuid_utils.compat

from service.flows.leads.merge_leads import merge_by_hand
from service.flows.leads.store_change import store_change
from service.flows.leads.update_customer import reroute_client
from service.flows.line.show_in_line import show_all_in_line
from service.leads.customer import Customer
from service.leads.errors import CustomerNotFound, MoveNotAllowed
from service.leads.identity import Evidence
from service.leads.lead import FREE, MOVES, Lead
from service.matching.marks import PROVEN, Mark
from service.resources import Resources
from service.storage.customer_columns import customer_column
from service.storage.customers.customers import find_card, locked_card, open_lead_ids
from service.storage.customers.marks import learn_marks
from service.storage.customers.merges import (
    MAX_PARTS,
    ClientMerge,
    add_merge,
    merge_cards,
    parts_of,
    whole_of,
)
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import add_marks, lock_leads, marks_of_leads
from service.storage.leads.merge_target import merge_target_id
from service.storage.leads.signals import ids_of, signals_of

MERGED = "client.merged"


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """Who is part of whom, and why; a client is named by a card's number or by a lead's id."""

    into: str
    source: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A client: their card, or the lead of one who has none."""

    card: str | None
    lead: UUID | None

    @property
    def name(self) -> str:
        """How the client is named in what is written down."""
        return self.card or str(self.lead)


async def merge_clients(
    resources: Resources, wanted: MergeRequest
) -> tuple[ClientMerge, list[Lead]]:
    """Let one client be part of another; the merge, and the leads that changed.

    Raises CustomerNotFound, and MoveNotAllowed where both are one client already, too many were
    merged, or two people hold leads of theirs.
    """
    async with resources.stores.database.transaction() as connection:
        into = await find_reference(connection, wanted.into, "into")
        source = await find_reference(connection, wanted.source, "from")
        if into.card is None and source.card is not None:
            into, source = source, into
        if into.name == source.name:
            raise MoveNotAllowed(f"Both are the client {into.name} already.")
        merge, changed = await _merge(connection, resources, into, source, wanted)
    await show_all_in_line(resources, changed)
    if into.card is not None:  # by both cards
        changed += await reroute_client(resources, into.card, wanted.by)
    return merge, changed


async def find_reference(connection: Connection, named: str, field: str) -> Reference:
    """The client of a card's number or a lead's id; raises CustomerNotFound."""
    if await find_card(connection, named) is not None:
        return Reference(await whole_of(connection, named), None)
    try:
        lead_id = await merge_target_id(connection, UUID(named))
    except ValueError:
        raise CustomerNotFound(f"`{field}`: no card and no lead is `{named}`.") from None
    lead = (await lock_leads(connection, [lead_id]))[0]
    number = lead.signal.customer.external_id if lead.signal.customer else None
    if number is not None:
        return Reference(await whole_of(connection, number), None)
    return Reference(None, lead_id)


async def _merge(
    connection: Connection,
    resources: Resources,
    into: Reference,
    source: Reference,
    wanted: MergeRequest,
) -> tuple[ClientMerge, list[Lead]]:
    now = resources.clock.now()
    leads = await lock_leads(connection, await _open_leads(connection, into, source))
    details: dict[str, Any] = {}
    if into.card is not None:
        details = await _merge_cards(connection, resources, into.card, source)
    joined, changed = await _merge_leads(connection, resources, (into, source), leads, wanted)
    merge = ClientMerge(
        id=uuid_utils.compat.uuid7(),
        into_client=into.name,
        from_client=source.name,
        reason=wanted.reason,
        by=wanted.by,
        at=now,
        details={**details, **joined},
    )
    await add_merge(connection, merge)
    return merge, changed


async def _open_leads(connection: Connection, *clients: Reference) -> set[UUID]:
    found: set[UUID] = set()
    for client in clients:
        if client.card is not None:
            found |= {*await open_lead_ids(connection, client.card)}
        elif client.lead is not None:
            found.add(client.lead)
    return found


async def _merge_cards(
    connection: Connection, resources: Resources, into: str, source: Reference
) -> dict[str, Any]:
    """What undoing needs: the cards that became part of this one, or the marks that it learnt."""
    if source.card is None:
        assert source.lead is not None, "a client without a card is one of a lead"
        await locked_card(connection, into)
        marks = (await marks_of_leads(connection, [source.lead]))[source.lead]
        learnt = await learn_marks(connection, into, _besides_numbers(marks), resources.clock.now())
        return {"learnt": [mark.identity for mark in learnt]}
    for card in sorted((into, source.card)):
        await locked_card(connection, card)
    parts = [source.card, *await parts_of(connection, source.card)]
    if len(parts) + len(await parts_of(connection, into)) > MAX_PARTS:
        raise MoveNotAllowed(f"At most {MAX_PARTS} cards can be part of one.")
    await merge_cards(connection, into, parts)
    return {"parts": parts}


def _besides_numbers(marks: Sequence[Mark]) -> list[Mark]:
    return [mark for mark in marks if mark.evidence is not Evidence.CUSTOMER]


async def _merge_leads(
    connection: Connection,
    resources: Resources,
    clients: tuple[Reference, Reference],
    leads: Sequence[Lead],
    wanted: MergeRequest,
) -> tuple[dict[str, Any], list[Lead]]:
    """In each queue the client has one open lead afterwards, but for those that others hold."""
    into, _ = clients
    passed = [lead.id for lead in leads if _number(lead) != into.card]
    theirs = [await _know(connection, resources, lead, into.card, wanted) for lead in leads]
    joined, changed = [], []
    for queue in sorted({lead.signal.queue for lead in theirs}):
        of_queue = [lead for lead in theirs if lead.signal.queue == queue and MOVES[lead.state]]
        if not of_queue:
            continue
        target, *others = sorted(of_queue, key=lambda item: (item.state in FREE, item.id))
        signals = {other.id: await _signals(connection, other) for other in others}
        merged = await merge_by_hand(connection, resources, target, others, wanted.by)
        changed += merged
        joined += [
            {"into": str(target.id), "from": str(gone.id), "signals": signals[gone.id]}
            for gone in merged[1:]
        ]
    return {"joined": joined, "passed": [str(item) for item in passed]}, changed


async def _signals(connection: Connection, lead: Lead) -> list[str]:
    """The ids of the signals of a lead: of one that is of a single signal, its own."""
    return [*{str(lead.id), *(str(item) for item in ids_of(await signals_of(connection, lead.id)))}]


def _number(lead: Lead) -> str | None:
    return None if lead.signal.customer is None else lead.signal.customer.external_id


async def _know(
    connection: Connection,
    resources: Resources,
    lead: Lead,
    card: str | None,
    wanted: MergeRequest,
) -> Lead:
    """The lead as one of the client's, routed again."""
    if card is None or _number(lead) == card or not MOVES[lead.state]:
        return lead
    customer = replace(lead.signal.customer or Customer(), external_id=card, recognised=None)
    situation = replace(lead.situation, signal=replace(lead.signal, customer=customer))
    event = LeadEvent(MERGED, resources.clock.now(), wanted.by, wanted.reason, {"into": card})
    facts = {"customer": customer_column(customer)}
    await add_marks(connection, lead, [Mark(Evidence.CUSTOMER, card, PROVEN)])
    return await store_change(connection, resources, lead, situation, event, reported=facts)
