"""Cards whose marks were not written down yet are read: those of an older version, and all of them
when a queue reads numbers without a country by another region.
"""

from service.flows.leads.update_customer import card_marks
from service.resources import Resources
from service.storage.customers.customers import locked_card
from service.storage.customers.marks import put_shops_marks, unread_cards

MAX_PAGES = 20


async def read_marks(resources: Resources) -> None:
    """Write down the marks of some pages of cards; the others the next time."""
    for _ in range(MAX_PAGES):
        async with resources.stores.database.transaction() as connection:
            names = await unread_cards(connection)
            for name in names:
                card = await locked_card(connection, name)
                if card is not None:
                    marks = await card_marks(resources, card.customer)
                    await put_shops_marks(connection, name, marks, resources.clock.now())
        if not names:
            return
