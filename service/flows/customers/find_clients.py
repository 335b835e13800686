"""Who calls? Find clients by a mark, a number or a name; nothing changes (rule A24)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from service.flows.customers.block_mark import identities_of_text
from service.leads.card import Card
from service.leads.customer import Customer
from service.leads.errors import InvalidRequest
from service.leads.lead import Lead
from service.matching.accounts import same_client
from service.matching.same_client import are_one_client
from service.resources import Resources
from service.storage.customers.search import (
    cards_by_marks,
    cards_by_name,
    cards_by_number,
    leads_by_name,
    leads_by_number,
    leads_of_cards,
    leads_without_card,
)
from service.storage.database import Connection
from service.storage.leads.identities import marks_of_leads
from service.storage.leads.leads import find_many


@dataclass(frozen=True, slots=True)
class ClientQuestion:
    """What to look for; exactly one field is set. A messenger is written `telegram:111`."""

    phone: str | None = None
    email: str | None = None
    messenger: str | None = None
    number: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class FoundClient:
    """A client: the card if there is one, who they are, and their leads, newest first."""

    card: Card | None
    customer: Customer
    leads: tuple[UUID, ...]


async def find_clients(resources: Resources, asked: ClientQuestion) -> list[FoundClient]:
    """Return the clients who fit: those with a card first, then those who only have leads."""
    marks = await _marks(resources, asked)
    queues = await resources.stores.directory.queue_names()
    async with resources.stores.database.transaction() as connection:
        if asked.number is not None:
            cards = await cards_by_number(connection, asked.number)
        elif asked.name is not None:
            cards = await cards_by_name(connection, asked.name)
        else:
            cards = await cards_by_marks(connection, marks)
        numbers = [card.customer.external_id or "" for card in cards]
        of_cards = await leads_of_cards(connection, numbers)
        ids = await _leads_without_card(connection, asked, queues, marks)
        nameless = await _without_card(connection, resources, ids)
    with_card = [
        FoundClient(card, card.customer, tuple(of_cards[card.customer.external_id or ""]))
        for card in cards
    ]
    return with_card + nameless


async def _marks(resources: Resources, asked: ClientQuestion) -> list[str]:
    """Read the requested marks; empty when the text is no number or address."""
    texts = {
        "phone": asked.phone,
        "email": asked.email,
        "messenger": asked.messenger,
    }
    for sort, value in texts.items():
        if value is not None:
            try:
                return await identities_of_text(resources, f"{sort}:{value}")
            except InvalidRequest:
                return []
    return []


async def _leads_without_card(
    connection: Connection, asked: ClientQuestion, queues: Sequence[str], marks: Sequence[str]
) -> list[UUID]:
    """Find the leads that fit and whose clients have no card."""
    if asked.number is not None:
        return await leads_by_number(connection, asked.number)
    if asked.name is not None:
        return await leads_by_name(connection, asked.name)
    pairs = [(queue, mark) for queue in queues for mark in marks]
    return await leads_without_card(connection, pairs)


async def _without_card(
    connection: Connection, resources: Resources, ids: Sequence[UUID]
) -> list[FoundClient]:
    """Group leads without a card by client."""
    leads = await find_many(connection, ids)
    their_marks = await marks_of_leads(connection, ids)
    groups: list[list[Lead]] = []
    for lead in leads:
        mine = their_marks[lead.id]
        group = next(
            (item for item in groups if are_one_client(mine, their_marks[item[0].id])), None
        )
        if group is None:
            groups.append([lead])
        else:
            group.append(lead)
    return [await _client(resources, group) for group in groups]


async def _client(resources: Resources, leads: list[Lead]) -> FoundClient:
    customer: Customer | None = None
    for lead in leads:
        region = (await resources.stores.bases.of(lead.signal.queue)).policy.region
        customer = same_client(customer, lead.signal.customer, region)
    return FoundClient(None, customer or Customer(), tuple(lead.id for lead in leads))
