"""Common parts of shops' orders: their articles, and the car that they are for."""

from collections.abc import Iterable

from service.adapters.normalise import currency, money, name, quantity, text
from service.leads.lead import Item

MAX_ITEMS = 200
SHORTEST_VIN, LONGEST_VIN = 5, 32  # body numbers of Japanese cars are short


def article(
    typed_name: object, given_quantity: object, given_price: object, of_price: object = None
) -> Item | None:
    """One article of an order, with the price of a piece and its currency.

    None without a name, and when no piece of it is left in the order.
    """
    called, price = name(typed_name), money(given_price)
    known = None if price is None else currency(of_price)
    if called is None or money(given_quantity) == 0:
        return None
    return Item(called, quantity(given_quantity), price, known)


def articles(found: Iterable[Item | None]) -> tuple[Item, ...]:
    """The articles of an order for a signal: the first 200, without nameless ones."""
    return tuple(item for item in found if item is not None)[:MAX_ITEMS]


def vin(raw: object) -> str | None:
    """A VIN or body number from a field for it; None for an impossible value."""
    written = text(raw, LONGEST_VIN + 1)
    fits = written is not None and SHORTEST_VIN <= len(written) <= LONGEST_VIN
    return written if fits else None
