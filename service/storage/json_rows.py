"""Rows as one JSON text, the quickest way to hand many of them to a statement."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

import orjson


def as_json(rows: Sequence[object] | Mapping[str, object]) -> str:
    """Rows as a JSON list, or one as an object; decimals and ids as text."""
    return orjson.dumps(rows, default=plain).decode()


def plain(value: object) -> str:
    """What JSON has no form for, as a text: decimals and ids."""
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
