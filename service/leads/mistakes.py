"""Validation errors in words: the field, what is wrong, and how to correct it."""

from collections.abc import Sequence
from typing import Any

from service.leads.errors import FieldMistake

MAX_MISTAKES = 50

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
    "string_type": "Send text, in quotes.",
    "float_type": "Send a number, without quotes.",
    "int_type": "Send a whole number, without quotes.",
    "list_type": "Send a list, in square brackets.",
    "tuple_type": "Send a list, in square brackets.",
    "dict_type": "Send an object, with a name for each value.",
    "model_type": "Send an object, with a name for each value.",
    "date_type": "Send a date like 2026-12-31.",
    "date_parsing": "Send a date like 2026-12-31.",
    "date_from_datetime_parsing": "Send a date like 2026-12-31.",
}

# pydantic's own messages would show names of models, or repeat what the remedy lists.
REASONS = {
    "enum": "it is none of the choices",
    "literal_error": "it is none of the choices",
    "dict_type": "an object is expected",
    "model_type": "an object is expected",
    "model_attributes_type": "an object is expected",
}


def mistakes_of(
    errors: Sequence[Any], *, below: int = 0, whole: str = "body"
) -> list[FieldMistake]:
    """The first fifty mistakes of a pydantic validation error.

    FastAPI puts body, query or path before each field, so its fields are one level `below`. A
    mistake that names no field is reported for the `whole`.
    """
    return [_mistake(error, error["loc"][below:], whole) for error in errors[:MAX_MISTAKES]]


def _mistake(error: dict[str, Any], place: Sequence[str | int], whole: str) -> FieldMistake:
    context = error.get("ctx", {})
    template = REMEDIES.get(
        error["type"], context.get("remedy", "See /docs for the allowed values.")
    )
    return FieldMistake(
        field=".".join(str(part) for part in place if part != "[key]") or whole,
        reason=REASONS.get(error["type"], error["msg"]),
        remedy=template.format_map(_Blank(context)),
    )


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return key
