"""The words and the examples of a policy as tables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.policies.rewriting import Path, node_at, with_parts
from service.policies.yaml_text import read_yaml

NUMBERS = ("urgency", "bill", "chance_factor")


@dataclass(frozen=True, slots=True)
class WordRow:
    """An entry of the lexicon, as the form shows it."""

    number: int
    signal: str
    name: str
    phrases: str
    numbers: Mapping[str, str]


def word_rows(text: str, language: str) -> list[WordRow]:
    """All entries in the order of the text; raises InvalidRequest when it is no YAML."""
    entries = read_yaml(text).get("lexicon") or []
    return [
        WordRow(
            number,
            str(entry.get("signal", "")),
            str((entry.get("name") or {}).get(language, "")),
            ", ".join(str(phrase) for phrase in entry.get("phrases") or ()),
            {name: _number(entry[name]) for name in NUMBERS if name in entry},
        )
        for number, entry in enumerate(entries)
        if isinstance(entry, dict)
    ]


def example_rows(text: str) -> list[Mapping[str, Any]]:
    """The examples that test the policy."""
    found = read_yaml(text).get("examples") or []
    return [item for item in found if isinstance(item, dict)]


def with_entry(text: str, number: int, phrases: str, numbers: Mapping[str, str]) -> str:
    """The text with an entry's phrases and numbers changed; raises KeyError without that entry."""
    parts: dict[Path, str] = {("lexicon", number, "phrases"): _listed(phrases)}
    for name, value in numbers.items():
        if node_at(text, ("lexicon", number, name)) is not None:
            parts["lexicon", number, name] = value.replace(",", ".")
    return with_parts(text, parts)


def with_new_entry(text: str, signal: str, phrases: str, numbers: Mapping[str, str]) -> str:
    """The text with an entry after the last one; raises KeyError when there is no lexicon."""
    existing = node_at(text, ("lexicon",))
    if existing is None or not getattr(existing, "value", None):
        raise KeyError("lexicon")
    numbers_text = "".join(
        f", {name}: {value.replace(',', '.')}" for name, value in numbers.items()
    )
    entry = f"{{signal: {signal}, phrases: {_listed(phrases)}{numbers_text}, rule: A5}}"
    last = existing.value[-1]
    at = int(last.end_mark.index)
    indent = " " * max(0, int(last.start_mark.column) - 2)
    return f"{text[:at].rstrip()}\n{indent}- {entry}\n{text[at:].lstrip(chr(10))}"


def _listed(phrases: str) -> str:
    words = [phrase.strip() for phrase in phrases.split(",") if phrase.strip()]
    return json.dumps(words, ensure_ascii=False)


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
