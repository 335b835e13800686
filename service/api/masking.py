"""Masks personal data in answers to keys that may not see it.

Masking happens where answers are encoded, for all routes at once, so that no route can forget it.
Keys that serve clients or send them in see the data they work with. Keys that only read, supervise
or administer need the scope `personal`.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from service.leads.masking import (
    hide,
    hide_mark,
    hide_name,
    hide_phone,
    hide_values,
    without_marks,
)
from service.storage.api_keys import Key

PERSONAL = "personal"
WORKS_WITH_CLIENTS = frozenset({"operate", "intake", "crm"})

# What most values are; a list of leads has thousands of them.
PLAIN = frozenset({str, int, float, bool, type(None), datetime, Decimal})

_masks: ContextVar[bool] = ContextVar("answers of this request are masked", default=False)

Hide = Callable[[Any], Any]


def sees_personal(key: Key, scopes: frozenset[str]) -> bool:
    """Whether a key sees personal data on a route that accepts any of these scopes."""
    return PERSONAL in key.scopes or bool(key.scopes & scopes & WORKS_WITH_CLIENTS)


def mask_unless(sees: bool) -> None:
    """Turn masking on for this request, unless the key sees personal data."""
    _masks.set(not sees)


def is_masked() -> bool:
    """Whether the answers of this request are masked."""
    return _masks.get()


def shown(value: object) -> object:
    """The value to answer, masked when this request is masked."""
    return masked(value) if _masks.get() else value


def masked(value: object) -> Any:
    """A value for JSON, without names, contacts or words of clients."""
    if type(value) in PLAIN:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return _masked_object(
            {name: item if name in SHOPS_OWN else masked(item) for name, item in value.items()}
        )
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(item) for item in value]
    return value


def _masked_object(spec: dict[str, Any]) -> dict[str, Any]:
    rules = dict(ANYWHERE)
    for telling, more in SHAPES:
        if telling <= spec.keys():
            rules |= more
    return {name: rules[name](item) if name in rules else item for name, item in spec.items()}


def _in_details(value: Any) -> Any:
    """The details of an event, masked. They hold earlier facts under the names of columns."""
    if isinstance(value, dict):
        return {
            name: IN_DETAILS[name](item) if name in IN_DETAILS else _in_details(item)
            for name, item in value.items()
        }
    return [_in_details(item) for item in value] if isinstance(value, list) else value


def _of(kind: type, how: Hide) -> Hide:
    """A masking function for values of one type; other values pass unchanged."""
    return lambda value: how(value) if isinstance(value, kind) else value


def _all(how: Hide) -> Hide:
    return _of(list, lambda items: [how(item) for item in items])


_text, _name, _phone = _of(str, hide), _of(str, hide_name), _of(str, hide_phone)
_mark, _words, _values = _of(str, hide_mark), _of(str, without_marks), _of(dict, hide_values)


def _mentions(value: Any) -> Any:
    """Phone numbers and addresses found in a text, masked."""
    how = {"phone": _phone, "email": _text}
    return [{name: how.get(name, str)(part) for name, part in mention.items()} for mention in value]


def _gone(value: Any) -> Any:
    return type(value)() if isinstance(value, list | dict | str) else value


# A policy speaks of channels and words, not of clients, and is sent back as it was read.
SHOPS_OWN = frozenset({"policy"})
# Names that have the same meaning in every answer.
ANYWHERE: Mapping[str, Hide] = {
    **{"phones": _all(_phone), "vins": _all(_text), "body_numbers": _all(_text)},
    **{
        "corrections": _gone,
        "messengers": _values,
        "mentioned": _mentions,
        "evidence": _all(_mark),
        "mark": _mark,
    },
}
IN_DETAILS: Mapping[str, Hide] = {
    **{"note": _text, "text": _text, "vin": _text, "name": _name, "phone": _phone},
    **{"email": _text, "attributes": _values, "customer": _gone, "show": _gone, "items": _gone},
    **{"wishes": _text, "place": _text, "facts": _gone, "before": _gone, "situation": _gone},
}
# Names that are personal only in an object that has these names, too.
SHAPES: tuple[tuple[frozenset[str], Mapping[str, Hide]], ...] = (
    (
        frozenset({"phone", "email"}),
        {"name": _name, "phone": _phone, "email": _text, "notes": _gone, "cars": _all(_text)},
    ),
    (
        frozenset({"channel", "text"}),
        {
            **{"text": _text, "note": _text, "vin": _text, "attributes": _values},
            **{"show": lambda value: None, "reason": _words, "external_id": _words},
        },
    ),
    (frozenset({"kind", "note"}), {"note": _text}),
    (frozenset({"actor", "details"}), {"details": _in_details, "reason": _words}),
    (
        frozenset({"method", "headers", "text"}),
        {"query": _text, "text": _text, "base64": _text, "headers": _gone},
    ),
)
