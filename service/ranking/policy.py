"""Every number of the ranking in one frozen value, read from YAML (rules A2, A3, B1)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

import yaml

from service.leads.lead import Channel, Intent, Kind

PARTS = (
    *("version", "currency", "kinds", "channels", "callback", "intents", "patience", "score"),
    *("lease_seconds", "no_answer_retry_minutes"),
)


class InvalidPolicy(Exception):
    """The policy has mistakes; each names the path and what is allowed there."""


class Ties(StrEnum):
    """Who goes first among equal scores (rule A6)."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class KindPolicy:
    """What is known of a lead from its kind alone; the bill is in the queue's currency."""

    chance: float
    urgency: float
    usual_bill: float
    stage: int
    ties: Ties


@dataclass(frozen=True, slots=True)
class Policy:
    """The written policy of a queue."""

    version: int
    currency: str
    kinds: Mapping[Kind, KindPolicy]
    channels: Mapping[Channel, Kind]
    intents: Mapping[Intent, float]
    callback_stage: int
    callback_after: timedelta
    longest_patience_minutes: float
    smallest_cost: float
    greatest_cost: float
    lease: timedelta
    no_answer_retries: tuple[timedelta, ...]


def read_policy(text: str) -> Policy:
    """The policy that a YAML text says; raises InvalidPolicy naming the path of the mistake."""
    said = _mapping(yaml.safe_load(text), "policy")
    _refuse_unknown(said, PARTS, "policy")
    callback, patience = _part(said, "callback"), _part(said, "patience")
    score = _part(said, "score")
    return Policy(
        version=int(_number(said, "version", "policy", 1, 2**31 - 1)),
        currency=str(said.get("currency", "RUB")),
        kinds={kind: _kind_policy(_part(said, "kinds"), kind) for kind in Kind},
        channels={channel: _kind_of(_part(said, "channels"), channel) for channel in Channel},
        intents={one: _number(_part(said, "intents"), one, "intents", 0, 1) for one in Intent},
        callback_stage=int(_number(callback, "stage", "callback", 0, 900)),
        callback_after=_minutes(_number(callback, "default_minutes", "callback", 0, 10080)),
        longest_patience_minutes=_number(patience, "longest_minutes", "patience", 2, 525600),
        smallest_cost=_number(score, "c0", "score", 1e-6, 1e6),
        greatest_cost=_number(score, "c1", "score", 1e-3, 1e12),
        lease=timedelta(seconds=_number(said, "lease_seconds", "policy", 5, 86400)),
        no_answer_retries=_retries(said),
    )


def _kind_policy(kinds: Mapping[str, Any], kind: Kind) -> KindPolicy:
    path = f"kinds.{kind}"
    said = _mapping(kinds.get(kind), path)
    _refuse_unknown(said, {field.name for field in fields(KindPolicy)}, path)
    return KindPolicy(
        chance=_number(said, "chance", path, 0, 1),
        urgency=_number(said, "urgency", path, 0, 1),
        usual_bill=_number(said, "usual_bill", path, 0, 1e9),
        stage=int(_number(said, "stage", path, 0, 900)),
        ties=_one_of(Ties, said.get("ties"), f"{path}.ties"),
    )


def _kind_of(channels: Mapping[str, Any], channel: Channel) -> Kind:
    return _one_of(Kind, channels.get(channel), f"channels.{channel}")


def _retries(said: Mapping[str, Any]) -> tuple[timedelta, ...]:
    steps = said.get("no_answer_retry_minutes", [])
    if not isinstance(steps, list) or len(steps) > 20:
        raise InvalidPolicy("no_answer_retry_minutes: a list of at most 20 numbers is wanted")
    named = {str(index): step for index, step in enumerate(steps)}
    return tuple(_minutes(_number(named, key, "retries", 0, 525600)) for key in named)


def _refuse_unknown(said: Mapping[str, Any], known: Collection[str], path: str) -> None:
    unknown = sorted(str(name) for name in said if name not in known)
    if unknown:
        raise InvalidPolicy(f"{path}: unknown: {', '.join(unknown)}")


def _minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def _part(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return _mapping(said.get(name), name)


def _mapping(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidPolicy(f"{path}: a mapping is wanted")
    return value


def _number(said: Mapping[str, Any], key: str, path: str, least: float, most: float) -> float:
    value = said.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise InvalidPolicy(f"{path}.{key}: a number from {least:g} to {most:g} is wanted")
    return float(value)


Choice = TypeVar("Choice", bound=StrEnum)


def _one_of(choices: type[Choice], value: object, path: str) -> Choice:
    try:
        return choices(str(value))
    except ValueError:
        raise InvalidPolicy(f"{path}: one of {', '.join(choices)} is wanted") from None
