"""The labelled corpus: messages, conversations and ordered pairs, by family."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CORPUS = Path(__file__).parents[2] / "tests" / "text" / "corpus"
LABELS = frozenset(
    {
        "intent",
        "goods",
        "sum",
        "vin",
        "frame",
        "hurry",
        "chance",
        "skill",
        "pieces",
        "needed",
        "order",
        "settled",
    }
)


@dataclass(frozen=True, slots=True)
class Case:
    """Messages of one client, and what must be understood; of a pair, the one to be taken after."""

    family: str
    policy: str
    messages: tuple[str, ...]
    labels: Mapping[str, Any]
    after: str | None = None


def read_corpus(folder: Path = CORPUS) -> list[Case]:
    """Every case of the YAML files in a folder; ValueError names a label that nobody judges."""
    return [case for file in sorted(folder.glob("*.yaml")) for case in _of_file(file)]


def _of_file(file: Path) -> Iterator[Case]:
    for part in yaml.safe_load(file.read_text("utf-8")):
        family, policy = part["family"], part.get("policy", "auto_parts")
        for written in part.get("messages", ()):
            labels = {"text": written} if isinstance(written, str) else written
            labels = {**part.get("each", {}), **labels}
            yield _case(family, policy, (labels.pop("text"),), labels)
        for written in part.get("conversations", ()):
            labels = dict(written)
            yield _case(family, policy, tuple(labels.pop("messages")), labels)
        for first, after in part.get("pairs", ()):
            yield Case(family, policy, (first,), {"order": "first"}, after)


def _case(family: str, policy: str, messages: tuple[str, ...], labels: dict[str, Any]) -> Case:
    if unknown := labels.keys() - LABELS:
        raise ValueError(f"{family}: nobody judges {', '.join(sorted(unknown))}")
    return Case(family, policy, messages, labels)
