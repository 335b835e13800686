"""Parts of the JSON that senders make: what has another shape than told is as if it were not said.

Only what a signal cannot do without is insisted on, by `needed`.
"""

from collections.abc import Mapping
from typing import Any

from service.adapters.normalise import MAX_NAME, identifier, text
from service.leads.errors import Unreadable

MAX_FACT = 500

Attributes = dict[str, object] | None


def part(value: object, *path: str) -> dict[str, Any]:
    """The object at the end of a path of names; an empty one when there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def parts(value: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of the list under a name; none when there is no list."""
    found = value.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def needed(what: str, *raw: object) -> str:
    """An id of one part or several, joined by colons; raises Unreadable unless all are said."""
    found = [identifier(item) for item in raw]
    joined = ":".join(item for item in found if item)
    if None in found or len(joined) > MAX_NAME:
        raise Unreadable(f"The {what} is missing or too long.")
    return joined


def facts(raw: Mapping[str, object]) -> Attributes:
    """Attributes of a signal: texts of at most 500 signs, what is not said left out."""
    return {name: fact for name, item in raw.items() if (fact := text(item, MAX_FACT))} or None


def enclosed(sort: str, *words: object) -> str | None:
    """What came besides words, named in brackets, and the words with it: `[photo] Подойдёт?`."""
    return text(" ".join([f"[{sort}]", *(word for item in words if (word := text(item)))]))
