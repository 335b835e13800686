"""Policies rewritten by the service: single values changed, or another notation."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

BYTE_ORDER_MARK = "\ufeff"


def with_values(text: str, values: Mapping[str, str]) -> str:
    """A policy's text with some values at its top changed, and every other character as it was.

    The text is one that can be read; each name that it says at its top gets the value given here,
    and keeps its notation where it has that value already.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)  # the marks below do not count it
    for key, value in reversed(_composed(text).value):
        if values.get(key.value, value.value) != value.value:
            start, end = value.start_mark.index, value.end_mark.index
            text = text[:start] + json.dumps(values[key.value]) + text[end:]
    return text


def as_yaml(spec: Any) -> str:
    """A JSON value as YAML that reads the same."""
    return yaml.dump(spec, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)


Path = tuple[str | int, ...]


def node_at(text: str, path: Path) -> Any:
    """The node of a path in a policy's text, by names and numbers; None where there is none."""
    node = _composed(text)
    for step in path:
        node = _below(node, step)
        if node is None:
            return None
    return node


def line_of(text: str, path: Path) -> int | None:
    """The line, the first being 1, on which the deepest part of a path that is there stands."""
    for length in range(len(path), 0, -1):
        node = node_at(text, path[:length])
        if node is not None:
            return int(node.start_mark.line) + 1
    return None


def with_parts(text: str, parts: Mapping[Path, str]) -> str:
    """A policy's text with parts replaced where they stand, every other character as it was.

    The parts are written as YAML in one line. Raises KeyError for a path that is not there.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    places = []
    for path, written in parts.items():
        node = node_at(text, path)
        if node is None:
            raise KeyError(".".join(map(str, path)))
        places.append((node.start_mark.index, node.end_mark.index, written))
    for start, end, written in sorted(places, reverse=True):
        text = text[:start] + written + text[end:]
    return text


@lru_cache(maxsize=4)
def _composed(text: str) -> Any:
    """The nodes of a text: a form asks for fifty of them, and a large policy takes 100 ms."""
    return yaml.compose(text.removeprefix(BYTE_ORDER_MARK), Loader=yaml.CSafeLoader)


def _below(node: Any, step: str | int) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return node.value[step] if 0 <= step < len(node.value) else None
    return None
