"""The most important numbers of a policy as a form. A change keeps comments and notation."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from service.policies.property_paths import may_be_empty
from service.policies.rewriting import Path, node_at, with_new_part, with_parts
from service.rules.targets import Figure

KINDS = ("office", "phone", "chat", "self_order", "offline", "registration", "task")
OF_KIND = ("stage", "chance", "usual_bill", "urgency", "late_minutes", "owner_minutes")
NUMBER = re.compile(r"-?[0-9]{1,9}([.,][0-9]{1,6})?")
# Numbers outside of the kinds, by the part of the form.
OTHERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "targets": tuple(("targets", figure.value) for figure in Figure),
    "hours": (("cutoff", "handling_minutes"),),
    "times": (
        ("lease_seconds",),
        ("held_late_minutes",),
        ("live_minutes", "phone"),
        ("live_minutes", "office"),
        ("talk_minutes",),
        ("wrap_up_minutes",),
        ("reply_minutes",),
        ("callback", "default_minutes"),
        ("callback", "late_minutes"),
        ("late_again_minutes",),
        ("declined_again_minutes",),
    ),
    "later": (
        ("follow_ups", "awaiting_payment_days"),
        ("follow_ups", "wholesale_check_days"),
        ("follow_ups", "order_in_work_days"),
    ),
    "returns": tuple(
        ("returns", cause)
        for cause in (
            *("promised_callback", "missed_call", "visit_over", "no_answer"),
            *("payment", "wholesale_check", "later"),
        )
    ),
    "guarantee": (("guarantee", "every"),),
    "rush": (
        ("rush", "begins_minutes"),
        ("rush", "after_minutes"),
        ("rush", "ends_minutes"),
        *(("rush", "kinds", kind, "stage") for kind in KINDS),
    ),
    "learning": (
        ("learning", "prior_weight"),
        ("intents", "order_question"),
        ("intents", "return"),
        ("intents", "complaint"),
    ),
}
NULL, NULL_TAG = "null", "tag:yaml.org,2002:null"
KIND = "kind"  # a returning lead has the stage of its kind
TEXTS: tuple[tuple[str, ...], ...] = (("cutoff", "at"),)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of the form: the name of its field, and its text in the policy."""

    field: str
    value: str


def cells_of_kinds(text: str) -> dict[str, dict[str, Cell | None]]:
    """A row for each kind that the policy names."""
    rows = {}
    for kind in KINDS:
        if node_at(text, ("kinds", kind)) is not None:
            rows[kind] = {name: _cell(text, ("kinds", kind, name)) for name in OF_KIND}
    return rows


def cells_of_others(text: str) -> dict[str, list[Cell]]:
    """The other numbers of the form, by its part; those that the policy has or may have."""
    found = {
        part: [cell for path in paths if (cell := _cell(text, path)) is not None]
        for part, paths in OTHERS.items()
    }
    found["hours"] = [*_hours(text), *found["hours"]]
    return found


def _hours(text: str) -> Iterator[Cell]:
    week = node_at(text, ("hours", "weekly"))
    days = [key.value for key, _ in week.value] if isinstance(week, yaml.MappingNode) else []
    for path in (*(("hours", "weekly", day) for day in days), *TEXTS):
        cell = _cell(text, path)
        if cell is not None:
            yield cell


def changed_text(text: str, sent: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with the fields of a form, and the names of fields that are no numbers."""
    parts: dict[Path, str] = {}
    wrong = []
    for field, value in sent.items():
        path = tuple(field.split("."))
        existing = _cell(text, path)
        if existing is None or existing.value == value:
            continue
        if not value and may_be_empty(path):
            parts[path] = NULL
        elif path in TEXTS or path[:2] == ("hours", "weekly"):
            parts[path] = json.dumps(value[:200], ensure_ascii=False)
        elif NUMBER.fullmatch(value) or (path[0] == "returns" and value == KIND):
            parts[path] = value.replace(",", ".")
        else:
            wrong.append(field)
    new = {path: written for path, written in parts.items() if node_at(text, path) is None}
    text = with_parts(text, {path: of for path, of in parts.items() if path not in new})
    for place, written in new.items():
        text = with_new_part(text, place, written)
    return text, wrong


def _cell(text: str, path: tuple[str, ...]) -> Cell | None:
    node: Any = node_at(text, path)
    field = ".".join(path)
    if isinstance(node, yaml.ScalarNode):
        return Cell(field, "" if node.tag == NULL_TAG else str(node.value))
    if node is None and may_be_empty(path) and _has_room(text, path):
        return Cell(field, "")
    return None


def _has_room(text: str, path: tuple[str, ...]) -> bool:
    """Whether a new number could stand there, because only mappings are above it."""
    above = [node_at(text, path[:length]) for length in range(len(path))]
    return all(node is None or isinstance(node, yaml.MappingNode) for node in above)
