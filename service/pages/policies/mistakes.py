"""Mistakes of a policy with their lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from service.leads.errors import FieldMistake, InvalidRequest
from service.policies.reading import read_policy
from service.policies.rewriting import Path, line_of
from service.resources import Resources

LINE = re.compile(r"line (\d+)")
STEP = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True, slots=True)
class PolicyMistake:
    """A mistake: its place, its reason and its remedy; `line` is None when it is unknown."""

    field: str
    reason: str
    remedy: str
    line: int | None


async def mistakes_of_policy(resources: Resources, text: str) -> Sequence[PolicyMistake]:
    """All mistakes of a policy's text; empty when it can be put in force."""
    return await resources.heavy_work.run(_mistakes_of, text)


def _mistakes_of(text: str) -> tuple[PolicyMistake, ...]:
    try:
        read_policy(text)
    except InvalidRequest as error:
        return tuple(with_lines(text, error.mistakes))
    return ()


def with_lines(text: str, mistakes: Sequence[FieldMistake]) -> list[PolicyMistake]:
    """The same mistakes with their lines."""
    return [
        PolicyMistake(item.field, item.reason, item.remedy, _line(text, item.field))
        for item in mistakes
    ]


def path_of_field(field: str) -> Path:
    """The path of `kinds.chat.escalations[0].stage`, as names and numbers."""
    steps = STEP.findall(field)
    return tuple(int(step) if step.isdecimal() else step for step in steps)


def _line(text: str, field: str) -> int | None:
    if found := LINE.search(field):
        return int(found[1])
    try:
        return line_of(text, path_of_field(field))
    except yaml.YAMLError:
        return None
