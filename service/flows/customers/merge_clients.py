"""A person says that two clients are one (A20): by their cards, or by a lead without a card.

One transaction writes Postgres only. It locks the leads of both in the order of their ids, then the
cards. It stores which leads were merged and what a card learnt, so that a merge can be undone.
Nothing is copied between cards: one card becomes part of the other. Where neither client has a
card, a new one (numbered `nl-…`) is made for both, and later signals of either belong to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat

from service.flows.leads.merge_leads import merge_by_hand
from service.flows.leads.store_change import store_change
from service.flows.leads.update_customer import reroute_client
from service.flows.line.show_in_line import show_all_in_line
from service.leads.card import OWN_CARD
from service.leads.customer import Customer
from service.leads.errors import CustomerNotFound, MoveNotAllowed, Overloaded
from service.leads.identity import Evidence
from service.leads.lead import FREE, MOVES, Lead
from service.matching.marks import PROVEN, Mark
from service.resources import Resources
from service.storage.customer_columns import customer_column
from service.storage.customers.customers import (
    ensure_card,
    find_card,
    freshen_card,
    locked_card,
    open_lead_ids,
)
from service.storage.customers.marks import learn_marks
from service.storage.customers.merges import (
    MAX_PARTS,
    ClientMerge,
    add_merge,
    are_taken_apart,
    merge_cards,
    parts_of,
    whole_of,
)
from service.storage.database import Connection
from service.storage.leads.history import LeadEvent
from service.storage.leads.identities import add_marks, lock_leads, marks_of_leads
from service.storage.leads.leads import find_many
from service.storage.leads.merge_target import merge_target_id
from service.storage.leads.signals import ids_of, signals_of

MERGED = "client.merged"
MAX_TRIES = 3


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """Which client becomes part of which, and why; named by a card's number or a lead's id."""

    into: str
    source: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A client: their card, or a lead if they have no card."""

    card: str | None
    lead: UUID | None

    @property
    def name(self) -> str:
        """The client's name in stored records."""
        return self.card or str(self.lead)


async def merge_clients(
    resources: Resources, wanted: MergeRequest
) -> tuple[ClientMerge, list[Lead]]:
    """Make one client part of another; return the merge and the leads that changed.

    Raises CustomerNotFound. Raises MoveNotAllowed when both are already one client, when a merge of
    one of them is still being undone, or when too many cards would be one. Raises Overloaded when
    the clients change all the time.
    """
    for _ in range(MAX_TRIES):
        async with resources.stores.database.transaction() as connection:
            done = await _try_to_merge(connection, resources, wanted)
        if done is not None:
            break
    else:
        raise Overloaded("The clients' leads change all the time; ask again in a moment.")
    merge, changed = done
    await show_all_in_line(resources, changed)
    changed += await reroute_client(resources, merge.into_client, wanted.by)  # by both cards
    return merge, changed


async def _try_to_merge(
    connection: Connection, resources: Resources, wanted: MergeRequest
) -> tuple[ClientMerge, list[Lead]] | None:
    """Lock the leads and merge; None when the clients changed before the lock was taken."""
    clients = await _references(connection, wanted)
    leads = await lock_leads(connection, await _open_leads(connection, *clients))
    if await _references(connection, wanted) != clients:
        return None
    return await _merge(connection, resources, clients, leads, wanted)


async def _references(connection: Connection, wanted: MergeRequest) -> tuple[Reference, Reference]:
    into = await find_reference(connection, wanted.into, "into")
    source = await find_reference(connection, wanted.source, "from")
    if into.name == source.name:
        raise MoveNotAllowed(f"Both are the client {into.name} already.")
    return (source, into) if into.card is None and source.card is not None else (into, source)


async def find_reference(connection: Connection, named: str, field: str) -> Reference:
    """Return the client of a card's number or a lead's id; raises CustomerNotFound."""
    if await find_card(connection, named) is not None:
        return Reference(await whole_of(connection, named), None)
    try:
        lead_id = await merge_target_id(connection, UUID(named))
    except ValueError:
        raise CustomerNotFound(f"`{field}`: no card and no lead is `{named}`.") from None
    lead = (await find_many(connection, [lead_id]))[0]
    number = lead.signal.customer.external_id if lead.signal.customer else None
    if number is not None:
        return Reference(await whole_of(connection, number), None)
    return Reference(None, lead_id)


async def _merge(
    connection: Connection,
    resources: Resources,
    clients: tuple[Reference, Reference],
    leads: Sequence[Lead],
    wanted: MergeRequest,
) -> tuple[ClientMerge, list[Lead]]:
    (into, source), now = clients, resources.clock.now()
    details: dict[str, Any] = {"learnt": []}
    if into.card is None:
        into, details = await _make_card(connection, leads, into, now)
    more = await _merge_cards(connection, resources, into, source)
    details = {**more, "learnt": details["learnt"] + more.get("learnt", [])}
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


async def _make_card(
    connection: Connection, leads: Sequence[Lead], client: Reference, now: datetime
) -> tuple[Reference, dict[str, Any]]:
    """Make a card for a client who only has a lead; also return what an undo needs."""
    number = f"{OWN_CARD}{uuid_utils.compat.uuid7()}"
    named = next((lead.signal.customer for lead in leads if lead.id == client.lead), None)
    known = replace(named or Customer(), external_id=number)
    await ensure_card(connection, known, now)
    await freshen_card(connection, known, now)
    return Reference(number, client.lead), {"learnt": await _learn(connection, number, client, now)}


async def _learn(connection: Connection, card: str, client: Reference, now: datetime) -> list[str]:
    """Add the marks of a lead's client to a locked card; return the marks that are new to it."""
    assert client.lead is not None, "a client without a card is one of a lead"
    marks = (await marks_of_leads(connection, [client.lead]))[client.lead]
    learnt = await learn_marks(connection, card, _besides_numbers(marks), now)
    return [mark.identity for mark in learnt]


async def _merge_cards(
    connection: Connection, resources: Resources, client: Reference, source: Reference
) -> dict[str, Any]:
    """Merge the cards; return what an undo needs: the merged cards, or the learnt marks."""
    into = client.card
    assert into is not None, "it was made"
    for card in sorted({into, source.card or into}):
        await locked_card(connection, card)
    if await are_taken_apart(connection, [into, source.name]):
        raise MoveNotAllowed("A merge of these clients is being undone; ask again in a minute.")
    if source.card is None:
        return {"learnt": await _learn(connection, into, source, resources.clock.now())}
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
    """Merge the client's open leads in each queue; leads that others hold stay apart."""
    into, _ = clients
    assert into.card is not None, "it was made"
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
    """The ids of a lead's signals; a lead of a single signal has its own id."""
    return [*{str(lead.id), *(str(item) for item in ids_of(await signals_of(connection, lead.id)))}]


def _number(lead: Lead) -> str | None:
    return None if lead.signal.customer is None else lead.signal.customer.external_id


async def _know(
    connection: Connection,
    resources: Resources,
    lead: Lead,
    card: str,
    wanted: MergeRequest,
) -> Lead:
    """Give the lead to the merged client and route it again."""
    if _number(lead) == card or not MOVES[lead.state]:
        return lead
    customer = replace(lead.signal.customer or Customer(), external_id=card, recognised=None)
    situation = replace(lead.situation, signal=replace(lead.signal, customer=customer))
    event = LeadEvent(MERGED, resources.clock.now(), wanted.by, wanted.reason, {"into": card})
    facts = {"customer": customer_column(customer)}
    await add_marks(connection, lead, [Mark(Evidence.CUSTOMER, card, PROVEN)])
    return await store_change(connection, resources, lead, situation, event, reported=facts)
