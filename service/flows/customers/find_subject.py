"""Find everything that belongs to one client and to nobody else.

A client is named by the number of their card, by one of their marks, or, without a card, by one of
their leads. Marks that other clients share lead to nothing further and stay.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.flows.customers.block_mark import identities_of_text
from service.leads.errors import CustomerNotFound, FieldMistake, InvalidRequest, SharedMark
from service.leads.identity import Evidence
from service.matching.marks import PROVEN, Mark, mark_of
from service.matching.same_client import are_one_client
from service.resources import Resources
from service.storage.customers.customers import find_card
from service.storage.customers.merges import whole_of
from service.storage.customers.whose import (
    cards_of_marks,
    joined_leads,
    leads_of_cards,
    leads_without_card,
    lock_cards,
    marks_of_cards,
    not_theirs_alone,
)
from service.storage.database import Connection
from service.storage.leads.identities import lock_leads, marks_of_leads

MAX_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class NamedClient:
    """The client who is meant; exactly one field is set. A messenger is written `telegram:111`."""

    external_id: str | None = None
    phone: str | None = None
    email: str | None = None
    messenger: str | None = None
    lead: UUID | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What belongs to one client: cards, identities that only they have, and leads.

    Other clients also have the `shared` identities.
    """

    cards: tuple[str, ...]
    marks: frozenset[str]
    leads: tuple[UUID, ...]
    shared: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether the client has neither a card nor a lead; senders' requests may still exist."""
        return not self.cards and not self.leads


async def marks_named(resources: Resources, named: NamedClient) -> list[str]:
    """Read the marks that were sent; raises InvalidRequest when one is no number or address."""
    for sort in ("phone", "email", "messenger"):
        if (value := getattr(named, sort)) is not None:
            try:
                return await identities_of_text(resources, f"{sort}:{value}")
            except InvalidRequest:
                remedy = "Send a number, an address, or `telegram:111`."
                raise InvalidRequest([FieldMistake(sort, "it is no mark", remedy)]) from None
    return []


async def find_subject(connection: Connection, named: NamedClient, marks: Sequence[str]) -> Subject:
    """Find everything of the named client and lock their cards; the result may be empty.

    Raises CustomerNotFound when there is no such card or lead, and SharedMark when several clients
    have the mark.
    """
    card = await _card(connection, named, marks)
    start = await _start(connection, named, marks) if card is None else []
    # leads first, then cards, as everywhere; no lead joins a locked card
    if card is not None:
        await lock_leads(connection, await leads_of_cards(connection, [card]))
    cards = await lock_cards(connection, card) if card is not None else []
    return await gather(connection, cards, marks, start)


async def gather(
    connection: Connection,
    cards: Sequence[str],
    marks: Collection[str],
    start: Sequence[UUID],
    until: datetime | None = None,
) -> Subject:
    """Collect what belongs to cards, marks and leads, and repeat until nothing new is found."""
    known = {name: mark_of(name, PROVEN) for name in marks}
    _learn(known, (Mark(Evidence.CUSTOMER, card, PROVEN) for card in cards))
    _learn(known, await marks_of_cards(connection, cards))
    leads = {*start, *await leads_of_cards(connection, cards)}
    leads |= {*await joined_leads(connection, [*leads])}
    _learn(known, await _marks(connection, leads))
    shared: set[str] = set()
    for _ in range(MAX_ROUNDS):
        shared |= await not_theirs_alone(connection, known, cards)
        alone = {name: mark for name, mark in known.items() if name not in shared}
        more, others = await _cardless(connection, alone, leads, until)
        shared |= {mark.identity for mark in await _marks(connection, others)} & {*alone}
        if not more:
            break
        leads |= more | {*await joined_leads(connection, [*more])}
        _learn(known, await _marks(connection, more))
    theirs = frozenset({*known} - shared)
    return Subject(tuple(cards), theirs, tuple(sorted(leads)), frozenset(shared))


def _learn(known: dict[str, Mark], marks: Iterable[Mark]) -> None:
    """Add marks; of two equal marks the surer one counts."""
    for mark in marks:
        existing = known.get(mark.identity, mark)
        known[mark.identity] = min(existing, mark, key=lambda item: item.strength)


async def _cardless(
    connection: Connection,
    marks: Mapping[str, Mark],
    seen: Collection[UUID],
    until: datetime | None,
) -> tuple[set[UUID], set[UUID]]:
    """Find further leads with the marks: those of this client, and those of other clients."""
    found = {*await leads_without_card(connection, marks, until)} - {*seen}
    of_leads = await marks_of_leads(connection, found) if found else {}
    theirs = {lead for lead in found if are_one_client([*marks.values()], of_leads[lead])}
    return theirs, found - theirs


async def _marks(connection: Connection, leads: Collection[UUID]) -> list[Mark]:
    found = await marks_of_leads(connection, leads) if leads else {}
    return [mark for of_lead in found.values() for mark in of_lead]


async def _card(connection: Connection, named: NamedClient, marks: Sequence[str]) -> str | None:
    if named.external_id is not None:
        if await find_card(connection, named.external_id) is None:
            raise nobody()
        return await whole_of(connection, named.external_id)
    if named.lead is not None:
        for lead in await lock_leads(connection, [named.lead]):
            if lead.signal.customer and lead.signal.customer.external_id:
                return await whole_of(connection, lead.signal.customer.external_id)
        return None
    cards = await cards_of_marks(connection, marks)
    if len(cards) > 1:
        listed = ", ".join(f"`{card}`" for card in cards)
        raise SharedMark(f"The customers {listed} have it. Name one of them by `external_id`.")
    return cards[0] if cards else None


async def _start(connection: Connection, named: NamedClient, marks: Sequence[str]) -> list[UUID]:
    """The leads of a client without a card; raises CustomerNotFound, or SharedMark for several."""
    if named.lead is not None:
        found = [lead.id for lead in await lock_leads(connection, [named.lead])]
        if not found:
            raise nobody()
    else:
        found = await leads_without_card(connection, marks, None)
    of_leads = await marks_of_leads(connection, found)
    groups: list[UUID] = []
    for lead in found:
        if not any(are_one_client(of_leads[lead], of_leads[other]) for other in groups):
            groups.append(lead)
    if len(groups) > 1:
        listed = ", ".join(f"`{lead}`" for lead in groups[:10])
        raise SharedMark(f"Clients without a card have it, by the leads {listed}. Name a `lead`.")
    return found


def nobody() -> CustomerNotFound:
    """The error when no client fits."""
    return CustomerNotFound("Nothing is kept of such a client.")
