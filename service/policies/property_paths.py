"""Finds the words of a property by its place in a policy, such as `kinds.chat.stage`."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from service.policies.document import PolicyDocument, policy_schema
from service.policies.property_words import PropertyWords, property_words

REFERENCE = "#/$defs/"


def words_at(path: Sequence[str], language: str) -> PropertyWords | None:
    """The words of the property at a path; None when the policy has no property there."""
    name, _ = _property(tuple(path))
    return None if name is None else property_words(language)[name]


def may_be_empty(path: Sequence[str]) -> bool:
    """Whether the number at a path may be left out by writing null."""
    _, shape = _property(tuple(path))
    return {"type": "null"} in shape.get("anyOf", ())


@lru_cache(maxsize=1000)
def _property(path: tuple[str, ...]) -> tuple[str | None, Mapping[str, Any]]:
    part: str | None = PolicyDocument.__name__
    name: str | None = None
    shape: Mapping[str, Any] = {}
    for step in path:
        if step.isdecimal():
            continue  # an item of a list
        shape = {} if part is None else _parts()[part].get("properties", {}).get(step, {})
        name = f"{part}.{step}" if shape else None
        part = _part_of(shape)
    return name, shape


def _part_of(shape: Mapping[str, Any]) -> str | None:
    """The part whose properties a shape has."""
    forms = (shape, *shape.get("anyOf", ()), shape.get("items", {}))
    references = [form.get("$ref") for form in forms]
    names = [of.removeprefix(REFERENCE) for of in references if of is not None]
    return names[0] if names else None


@lru_cache
def _parts() -> Mapping[str, Any]:
    schema = policy_schema()
    return {PolicyDocument.__name__: schema, **schema["$defs"]}
