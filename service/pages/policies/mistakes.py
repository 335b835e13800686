"""Mistakes of a policy with the lines that they stand on."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import yaml

from service.leads.errors import FieldMistake, InvalidRequest
from service.policies.reading import read_policy
from service.policies.rewriting import Path, line_of

LINE = re.compile(r"line (\d+)")
STEP = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True, slots=True)
class PolicyMistake:
    """What is wrong, where, and what would be right; `line` where it can be told."""

    field: str
    reason: str
    remedy: str
    line: int | None


async def mistakes_of_policy(text: str) -> Sequence[PolicyMistake]:
    """Everything that is wrong with a policy's text; nothing when it can be put in force.

    A large one takes a second to read, in which others are served.
    """
    return await asyncio.to_thread(_mistakes_of, text)


@lru_cache(maxsize=8)
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
    """`kinds.chat.escalations[0].stage` as names and numbers."""
    steps = STEP.findall(field)
    return tuple(int(step) if step.isdecimal() else step for step in steps)


def _line(text: str, field: str) -> int | None:
    if found := LINE.search(field):
        return int(found[1])
    try:
        return line_of(text, path_of_field(field))
    except yaml.YAMLError:
        return None
