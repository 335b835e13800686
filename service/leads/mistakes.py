"""Validation errors in words: which field, what is wrong, what would be right."""

from collections.abc import Sequence
from typing import Any

from service.leads.errors import FieldMistake

MOST_MISTAKES = 50

REMEDIES = {
    "missing": "Send this field.",
    "extra_forbidden": "Leave it out; /docs lists the fields that are known.",
    "enum": "One of: {expected}.",
    "literal_error": "One of: {expected}.",
    "greater_than": "Send a number above {gt}.",
    "greater_than_equal": "Send a number of at least {ge}.",
    "less_than_equal": "Send a number of at most {le}.",
    "finite_number": "Send a finite number.",
    "decimal_max_places": "Send at most {decimal_places} digits after the point.",
    "string_too_long": "Send at most {max_length} characters.",
    "string_too_short": "Send at least {min_length} characters.",
    "too_long": "Send at most {max_length} of them.",
    "too_short": "Send at least {min_length} of them.",
    "string_pattern_mismatch": "It must match {pattern}.",
    "timezone_aware": "Add the time zone, as in 2026-06-10T12:00:00+03:00.",
    "bool_type": "Send true or false.",
    "uuid_parsing": "Send the id as it was given.",
}


def mistakes_of(
    errors: Sequence[Any], *, below: int = 0, whole: str = "body"
) -> list[FieldMistake]:
    """The first fifty mistakes of a pydantic validation error.

    FastAPI names body, query or path first: its fields are one level `below`. A mistake of no
    field in particular is one of the `whole`.
    """
    return [_mistake(error, error["loc"][below:], whole) for error in errors[:MOST_MISTAKES]]


def _mistake(error: dict[str, Any], place: Sequence[str | int], whole: str) -> FieldMistake:
    context = error.get("ctx", {})
    template = REMEDIES.get(error["type"], context.get("remedy", "See /docs for what is taken."))
    return FieldMistake(
        field=".".join(str(part) for part in place) or whole,
        reason=error["msg"],
        remedy=template.format_map(_Blank(context)),
    )


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return key
