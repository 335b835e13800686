"""Reads parts of senders' JSON. A value of an unexpected shape counts as missing.

`needed` alone insists on a value: those that a signal cannot do without.
"""

from collections.abc import Mapping
from typing import Any

from service.adapters.normalise import MAX_NAME, identifier, text
from service.leads.errors import Unreadable

MAX_FACT = 500

Attributes = dict[str, object] | None


def part(value: object, *path: str) -> dict[str, Any]:
    """The object at the end of a path of names; empty when there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def parts(value: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in the list of a name; empty when there is no list."""
    found = value.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def needed(what: str, *raw: object) -> str:
    """An id of one or several parts, joined by colons; raises Unreadable when a part is missing."""
    found = [identifier(item) for item in raw]
    joined = ":".join(item for item in found if item)
    if None in found or len(joined) > MAX_NAME:
        raise Unreadable(f"The {what} is missing or too long.")
    return joined


def facts(raw: Mapping[str, object]) -> Attributes:
    """The attributes of a signal: texts of at most 500 characters, without missing values."""
    return {name: fact for name, item in raw.items() if (fact := text(item, MAX_FACT))} or None


def enclosed(sort: str, *words: object) -> str | None:
    """The sort of an attachment in brackets, and the words with it: `[photo] Подойдёт?`."""
    return text(" ".join([f"[{sort}]", *(word for item in words if (word := text(item)))]))
