"""Reads YAML as plain data: bounded, without aliases, and without YAML's unusual types."""

from collections.abc import Hashable
from copy import deepcopy
from functools import lru_cache
from typing import Any

import yaml

from service.leads.errors import FieldMistake, InvalidRequest

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 20
STARTS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
TYPES_OF_JSON = {
    "tag:yaml.org,2002:null",
    "tag:yaml.org,2002:bool",
    "tag:yaml.org,2002:int",
    "tag:yaml.org,2002:float",
}
BOOLEANS = ("true", "false")


def read_yaml(text: str, what: str = "policy") -> dict[str, Any]:
    """The mapping in a text; raises InvalidRequest with the line of the mistake.

    A mistake without a line is reported for `what`. Aliases are refused, so no value is cyclic or
    grows; repeated keys are refused, too. Only the types of JSON are read. So `12:00`,
    `2026-12-31`, `yes` and `on` stay texts.
    """
    return deepcopy(_parsed(text, what))


@lru_cache(maxsize=4)  # a policy is read several times while it is changed or shown
def _parsed(text: str, what: str) -> dict[str, Any]:
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise _mistake(what, f"it is larger than {MAX_BYTES} bytes", "Shorten it.")
    try:
        _look_through(text)
        value = yaml.load(text, Loader=_Loader)  # noqa: S506  a safe loader, made stricter
    except yaml.MarkedYAMLError as error:
        reason = f"it is not YAML: {error.problem}"
        remedy = "Check indentation, quotes and brackets."
        raise _mistake(_line_of(error.problem_mark), reason, remedy) from None
    except (yaml.YAMLError, ValueError) as error:
        raise _mistake(what, f"it is not YAML: {error}", "Send UTF-8 text.") from None
    if not isinstance(value, dict):
        raise _mistake(what, "it is no mapping", f"Begin as a shipped {what} does.")
    return value


def _look_through(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = _line_of(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            reason = "anchors and aliases are not allowed"
            raise _mistake(line, reason, "Write the part in full in each place.")
        if tag := getattr(event, "tag", None):
            raise _mistake(line, "tags are not allowed", f"Leave out `{tag}`.")
        depth += isinstance(event, STARTS) - isinstance(event, ENDS)
        if depth > MAX_DEPTH:
            raise _mistake(line, f"it is nested deeper than {MAX_DEPTH} levels", "Flatten it.")


class _Loader(yaml.CSafeLoader):
    """The safe loader, limited to the types of JSON."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping; raises InvalidRequest for a repeated key."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                line = _line_of(key.start_mark)
                raise _mistake(line, "a key is not a word", "Write the key as one word.")
            name = str(key.value)
            if name in seen:
                reason = f"`{name}` occurs twice"
                raise _mistake(_line_of(key.start_mark), reason, "Keep one of them.")
            seen.add(name)
        return {str(key.value): self.construct_object(value, deep) for key, value in node.value}

    def _boolean_or_text(self, node: yaml.ScalarNode) -> object:
        spec = str(node.value)
        return spec.lower() == "true" if spec.lower() in BOOLEANS else spec

    def _integer_or_text(self, node: yaml.ScalarNode) -> object:
        spec = str(node.value)
        return int(spec) if spec.lstrip("+-").isdecimal() and len(spec) < 20 else spec

    def _float_or_text(self, node: yaml.ScalarNode) -> object:
        try:
            return float(node.value)
        except ValueError:
            return str(node.value)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in TYPES_OF_JSON]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor("tag:yaml.org,2002:bool", _Loader._boolean_or_text)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader._integer_or_text)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader._float_or_text)


def _line_of(mark: Any) -> str:
    return f"line {mark.line + 1}" if mark is not None else "line 1"


def _mistake(field: str, reason: str, remedy: str) -> InvalidRequest:
    return InvalidRequest([FieldMistake(field, reason, remedy)])
