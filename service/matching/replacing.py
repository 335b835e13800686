"""Which known fields of a card a change would replace; a key that may only add must not do that."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from service.leads.card import Card, CardChange
from service.matching.marks import read_phone

LISTS = ("cars", "notes")  # a change replaces these lists; talks are added to the known ones


def replaced_fields(existing: Card, change: CardChange, regions: Collection[str]) -> list[str]:
    """The fields whose known value the change does not keep.

    The same number or address in another form is kept; `regions` are the shop's, to read numbers.
    """
    customer, context = existing.customer, existing.context
    is_same: Mapping[str, Callable[[Any, Any], bool]] = {
        "phone": lambda known, new: _is_same_phone(known, new, regions),
        "email": lambda known, new: known.casefold() == (new or "").casefold(),
        "messengers": lambda known, new: known.items() <= (new or {}).items(),
    }
    found = [
        name
        for name, new in change.customer.items()
        if (known := getattr(customer, name))
        and known != new
        and not (name in is_same and is_same[name](known, new))
    ]
    found += [
        name
        for name in LISTS
        if name in change.context and not {*getattr(context, name)} <= {*change.context[name]}
    ]
    if context.bought_before and change.context.get("bought_before") is False:
        found.append("bought_before")
    return found


def without_fields(change: CardChange, names: Collection[str]) -> CardChange:
    """The change without some fields."""

    def others(fields: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if name not in names}

    return replace(change, customer=others(change.customer), context=others(change.context))


def _is_same_phone(known: str, new: str | None, regions: Collection[str]) -> bool:
    numbers = ((read_phone(known, region), read_phone(new or "", region)) for region in regions)
    return any(before is not None and before == after for before, after in numbers)
