"""What orders of shops have in common: their articles, and the car that they are for."""

from collections.abc import Iterable

from service.adapters.normalise import money, name, quantity, text
from service.leads.lead import Item

MOST_ITEMS = 200
SHORTEST_VIN, LONGEST_VIN = 5, 32  # body numbers of Japanese cars are short


def article(said_name: object, said_quantity: object, said_price: object) -> Item | None:
    """One article of an order, the price for a piece; None when it has no name."""
    called = name(said_name)
    return Item(called, quantity(said_quantity), money(said_price)) if called else None


def articles(found: Iterable[Item | None]) -> tuple[Item, ...]:
    """The articles of an order as a signal has them: the first 200, nameless ones left out."""
    return tuple(one for one in found if one is not None)[:MOST_ITEMS]


def vin(said: object) -> str | None:
    """A VIN or body number from a field that is for one; None for what cannot be one."""
    written = text(said, LONGEST_VIN + 1)
    fits = written is not None and SHORTEST_VIN <= len(written) <= LONGEST_VIN
    return written if fits else None
