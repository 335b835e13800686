"""Reads YAML as plain data: bounded, without aliases, and without YAML's unusual types.

The text is parsed in one pass, without the tree of nodes that `yaml.load` makes of it.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import yaml

from service.leads.errors import FieldMistake, InvalidRequest

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 20
BOOLEANS = ("true", "false")


def read_yaml(text: str, what: str = "policy") -> dict[str, Any]:
    """The mapping in a text; raises InvalidRequest with the line of the mistake.

    A mistake without a line is reported for `what`. Aliases are refused, so no value is cyclic or
    grows; repeated keys are refused, too. Only the types of JSON are read. So `12:00`,
    `2026-12-31`, `yes` and `on` stay texts.
    """
    return {key: _copy(value) for key, value in _parsed(text, what).items()}


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


@lru_cache(maxsize=4)  # a policy is read several times while it is changed or shown
def _parsed(text: str, what: str) -> dict[str, Any]:
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise _mistake(what, f"it is larger than {MAX_BYTES} bytes", "Shorten it.")
    try:
        value = _Parser(text).document()
    except yaml.MarkedYAMLError as error:
        reason = f"it is not YAML: {error.problem}"
        remedy = "Check indentation, quotes and brackets."
        raise _mistake(_line_of(error.problem_mark), reason, remedy) from None
    except (yaml.YAMLError, ValueError) as error:
        raise _mistake(what, f"it is not YAML: {error}", "Send UTF-8 text.") from None
    if not isinstance(value, dict):
        raise _mistake(what, "it is no mapping", f"Begin as a shipped {what} does.")
    return value


class _Parser:
    """Makes data of a text's events, and raises InvalidRequest at the first that is not allowed."""

    def __init__(self, text: str) -> None:
        self._next: Callable[[], Any] = yaml.CSafeLoader(text).get_event

    def document(self) -> Any:
        """The only document; None when there is none."""
        self._next()
        begin = self._next()
        if isinstance(begin, yaml.StreamEndEvent):
            return None
        value = self._value(self._next(), 1)
        self._next()
        end = self._next()
        if not isinstance(end, yaml.StreamEndEvent):
            problem = "but found another document"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=end.start_mark)
        return value

    def _value(self, event: Any, depth: int) -> Any:
        _refuse_anchors_and_tags(event)
        if isinstance(event, yaml.ScalarEvent):
            return _plain(event.value) if event.implicit[0] else event.value
        if depth > MAX_DEPTH:
            reason = f"it is nested deeper than {MAX_DEPTH} levels"
            raise _mistake(_line_of(event.start_mark), reason, "Flatten it.")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(depth)
        found = []
        while not isinstance(item := self._next(), yaml.SequenceEndEvent):
            found.append(self._value(item, depth + 1))
        return found

    def _mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            _refuse_anchors_and_tags(key)
            if not isinstance(key, yaml.ScalarEvent):
                raise _mistake(
                    _line_of(key.start_mark), "a key is not a word", "Write the key as one word."
                )
            if key.value in found:
                reason = f"`{key.value}` occurs twice"
                raise _mistake(_line_of(key.start_mark), reason, "Keep one of them.")
            found[key.value] = self._value(self._next(), depth + 1)
        return found


def _refuse_anchors_and_tags(event: Any) -> None:
    if event.anchor is not None:  # an alias has one, too
        reason = "anchors and aliases are not allowed"
        raise _mistake(_line_of(event.start_mark), reason, "Write the part in full in each place.")
    if (tag := event.tag) is not None:
        reason = "tags are not allowed"
        raise _mistake(_line_of(event.start_mark), reason, f"Leave out `{tag}`.")


def _plain(written: str) -> Any:
    """What a text without quotes is: of a type of JSON, else a text."""
    for pattern, value_of in PLAIN_TYPES.get(written[:1], ()):
        if pattern.match(written):
            return value_of(written)
    return written


def _boolean_or_text(written: str) -> object:
    return written.lower() == "true" if written.lower() in BOOLEANS else written


def _integer_or_text(written: str) -> object:
    return int(written) if written.lstrip("+-").isdecimal() and len(written) < 20 else written


def _float_or_text(written: str) -> object:
    try:
        return float(written)
    except ValueError:
        return written


TYPES_OF_JSON: dict[str, Callable[[str], object]] = {
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:bool": _boolean_or_text,
    "tag:yaml.org,2002:int": _integer_or_text,
    "tag:yaml.org,2002:float": _float_or_text,
}
# YAML's own patterns, by the first sign of what they match
PLAIN_TYPES = {
    first: [(pattern, TYPES_OF_JSON[tag]) for tag, pattern in resolvers if tag in TYPES_OF_JSON]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _line_of(mark: Any) -> str:
    return f"line {mark.line + 1}" if mark is not None else "line 1"


def _mistake(field: str, reason: str, remedy: str) -> InvalidRequest:
    return InvalidRequest([FieldMistake(field, reason, remedy)])
