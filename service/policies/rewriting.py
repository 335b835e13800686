"""Policies rewritten by the service: single values changed, or another notation."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

BYTE_ORDER_MARK = "\ufeff"


def with_values(text: str, values: Mapping[str, str]) -> str:
    """A policy's text with some values at its top changed, and every other character as it was.

    The text is one that can be read; each name that it says at its top gets the value given here,
    and keeps its notation where it has that value already.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)  # the marks below do not count it
    root: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    for key, value in reversed(root.value):
        if values.get(key.value, value.value) != value.value:
            start, end = value.start_mark.index, value.end_mark.index
            text = text[:start] + json.dumps(values[key.value]) + text[end:]
    return text


def as_yaml(spec: Any) -> str:
    """A JSON value as YAML that reads the same."""
    return yaml.dump(spec, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
