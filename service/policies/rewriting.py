"""Rewrites policies: changes single values, or changes the notation."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

BYTE_ORDER_MARK = "\ufeff"


def with_values(text: str, values: Mapping[str, str]) -> str:
    """A policy's text with some top-level values changed and every other character unchanged.

    The text must be readable. A name at its top level gets its value from `values`. It keeps its
    notation when it has that value already.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)  # the positions below do not count it
    for key, value in reversed(_composed(text).value):
        if values.get(key.value, value.value) != value.value:
            start, end = value.start_mark.index, value.end_mark.index
            text = text[:start] + json.dumps(values[key.value]) + text[end:]
    return text


def as_yaml(spec: Any) -> str:
    """A JSON value as YAML with the same meaning."""
    return yaml.dump(spec, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)


Path = tuple[str | int, ...]


def node_at(text: str, path: Path) -> Any:
    """The node at a path of names and numbers in a policy's text; None when there is none."""
    node = _composed(text)
    for step in path:
        node = _below(node, step)
        if node is None:
            return None
    return node


def line_of(text: str, path: Path) -> int | None:
    """The line, counted from 1, of the deepest existing part of a path; None when there is none."""
    for length in range(len(path), 0, -1):
        node = node_at(text, path[:length])
        if node is not None:
            return int(node.start_mark.line) + 1
    return None


def with_parts(text: str, parts: Mapping[Path, str]) -> str:
    """A policy's text with parts replaced and every other character unchanged.

    Each part is YAML on one line. Raises KeyError for a path that does not exist.
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


def with_new_part(text: str, path: Path, written: str) -> str:
    """A policy's text with a part that it does not have yet; the text around it is unchanged.

    The part is YAML on one line. Raises KeyError when a list or a value stands in its way.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    there = next(n for n in range(len(path), -1, -1) if node_at(text, path[:n]) is not None)
    mapping, names = node_at(text, path[:there]), path[there:]
    if not isinstance(mapping, yaml.MappingNode) or not names:
        raise KeyError(".".join(map(str, path)))
    for name in reversed(names[1:]):
        written = f"{{{name}: {written}}}"
    entry = f"{names[0]}: {written}"
    if mapping.flow_style:
        return _within_braces(text, mapping.end_mark.index - 1, entry)
    if there == 0:
        return f"{text.rstrip()}\n\n{entry}\n"
    first = mapping.value[0][0].start_mark
    return f"{text[: first.index]}{entry}\n{' ' * first.column}{text[first.index :]}"


def _within_braces(text: str, at: int, entry: str) -> str:
    """The text with an entry before a closing brace, after a comma where one is missing."""
    made = f"{text[:at]}, {entry}{text[at:]}"
    try:
        _composed(made)
    except yaml.YAMLError:
        return f"{text[:at]}{entry}{text[at:]}"
    return made


@lru_cache(maxsize=4)
def _composed(text: str) -> Any:
    """The nodes of a text, cached: a form asks for fifty of them, and composing takes 100 ms."""
    return yaml.compose(text.removeprefix(BYTE_ORDER_MARK), Loader=yaml.CSafeLoader)


def _below(node: Any, step: str | int) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return node.value[step] if 0 <= step < len(node.value) else None
    return None
