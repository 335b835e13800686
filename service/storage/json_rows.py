"""Rows as one JSON text, the fastest way to pass many of them to a statement."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

import orjson


def as_json(rows: Sequence[object] | Mapping[str, object]) -> str:
    """Rows as a JSON list, or one row as an object; decimals and ids as text."""
    return orjson.dumps(rows, default=plain).decode()


def as_stored(value: object) -> str:
    """A value in the form of JSON columns: times in UTC end with Z."""
    return orjson.dumps(value, plain, orjson.OPT_UTC_Z).decode()


def plain(value: object) -> str:
    """A value without a JSON form as a text that Postgres reads: decimals, ids and bytes."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
