"""Merge cards made here into the shop's own cards when these get one of their marks."""

from service.flows.customers.merge_clients import MergeRequest, merge_clients
from service.leads.errors import MoveNotAllowed
from service.matching.same_client import are_one_client
from service.resources import Resources
from service.storage.customers.marks import marks_of_card
from service.storage.customers.merges import own_cards_of_the_shops
from service.storage.database import Connection

MAX_CARDS = 50
BY, REASON = "nextlead", "the shop's card has a mark of it"


async def absorb_own_cards(resources: Resources) -> None:
    """Merge some cards; cards whose other marks contradict stay apart."""
    async with resources.stores.database.transaction() as connection:
        pairs = await own_cards_of_the_shops(connection, MAX_CARDS)
        same = [pair for pair in pairs if await _are_one(connection, *pair)]
    for own, shops in dict(reversed(same)).items():
        try:
            await merge_clients(resources, MergeRequest(shops, own, REASON, BY))
        except MoveNotAllowed:
            continue  # somebody was faster, or too many cards are one already


async def _are_one(connection: Connection, own: str, shops: str) -> bool:
    marks = [mark for mark in await marks_of_card(connection, own) if mark.sort != "customer"]
    return are_one_client(marks, await marks_of_card(connection, shops))
