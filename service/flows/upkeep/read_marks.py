"""Store the marks of cards that have none stored yet.

These are cards of an older version, and all cards when a queue reads numbers by another region.
"""

from service.flows.leads.update_customer import card_marks, regions_of_shop
from service.resources import Resources
from service.storage.customers.customers import locked_card
from service.storage.customers.marks import put_shops_marks, unread_cards

MAX_PAGES = 20


async def read_marks(resources: Resources) -> None:
    """Store the marks of some pages of cards; the rest follows next time."""
    regions = await regions_of_shop(resources)
    for _ in range(MAX_PAGES):
        async with resources.stores.database.transaction() as connection:
            names = await unread_cards(connection)
            for name in names:
                card = await locked_card(connection, name)
                if card is not None:
                    marks = card_marks(card.customer, regions)
                    await put_shops_marks(connection, name, marks, resources.clock.now())
        if not names:
            return
