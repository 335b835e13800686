"""Reads a policy's index and rush into the numbers in force."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from service.leads.lead import Kind
from service.policies.index_document import (
    IndexPart,
    RushIndexPart,
    RushKindsPart,
    RushPart,
    StayPart,
    WorkPart,
)
from service.rules.policy import Index, KindPolicy, Mode, Policy, RushRules, Stay, WorkMinutes


def index_of(part: IndexPart) -> Index:
    """The index outside of a rush."""
    return Index(part.weight, _minutes(part.minutes), dict(part.patience), _stays(part.stays))


def with_rush(policy: Policy, part: RushPart | None) -> Policy:
    """The policy with the numbers of a rush, if it has any."""
    if part is None:
        return policy
    numbers = replace(
        policy,
        kinds=_kinds(policy.kinds, part.kinds),
        index=_index(policy.index, part.index),
        mode=Mode.RUSH,
    )
    after = timedelta(minutes=part.after_minutes)
    return replace(policy, rush=RushRules(part.begins_minutes, after, part.ends_minutes, numbers))


def _index(calm: Index, part: RushIndexPart) -> Index:
    return Index(
        calm.weight if part.weight is None else part.weight,
        calm.minutes if part.minutes is None else _minutes(part.minutes),
        calm.patience if part.patience is None else dict(part.patience),
        calm.stays if part.stays is None else _stays(part.stays),
    )


def _kinds(calm: Mapping[Kind, KindPolicy], part: RushKindsPart) -> dict[Kind, KindPolicy]:
    found = dict(calm)
    for kind, before in calm.items():
        rush = getattr(part, kind, None)
        if rush is not None:
            ties = before.ties if rush.ties is None else rush.ties
            found[kind] = replace(before, stage=rush.stage, ties=ties)
    return found


def _minutes(parts: Mapping[Kind, WorkPart]) -> dict[Kind, WorkMinutes]:
    return {kind: WorkMinutes(part.each, part.per_part) for kind, part in parts.items()}


def _stays(parts: Mapping[Kind, Sequence[StayPart]]) -> dict[Kind, tuple[Stay, ...]]:
    return {
        kind: tuple(Stay(stay.after, stay.share) for stay in stays) for kind, stays in parts.items()
    }
