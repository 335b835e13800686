"""Why this lead was served then: where it stood, and by what the second was behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.ranking.rank import unpack

Decision = Mapping[str, object]


class ServedVia(StrEnum):
    """How it was found who is served."""

    LINE = "line"
    STORAGE = "storage"
    ASKED_FOR = "asked_for"


@dataclass(frozen=True, slots=True)
class Guarantee:
    """Of `every` claims one takes the longest-late lead; this is the `count`th since the last."""

    every: int
    count: int


def decide(
    way: ServedVia,
    rank: int,
    second: tuple[str, int] | None = None,
    not_eligible: Sequence[tuple[str, str, int, str]] = (),
    guarantee: Guarantee | None = None,
) -> Decision:
    """The decision to serve a lead of a rank before a `second` of an id and a rank; a JSON value.

    By a `guarantee` the second stood first, and waits for once.

    The second lacks stage, or score, or, both being equal, only its turn (rules A2, A6). Those
    `not_eligible` stood before it: lane, id, rank, and the rule that reserved them for others.
    """
    stage, score = unpack(rank)
    return {
        "way": way.value,
        "rank": rank,
        "stage": stage,
        "score": float(score),
        "second": None if second is None else _second(rank, *second, guarantee),
        "guarantee": None
        if guarantee is None
        else {"every": guarantee.every, "count": guarantee.count},
        "not_eligible": [
            {"lane": lane, "lead_id": lead_id, "rank": place, "rule": rule}
            for lane, lead_id, place, rule in not_eligible
        ],
    }


def _second(
    first_rank: int, lead_id: str, rank: int, guarantee: Guarantee | None = None
) -> Decision:
    (first_stage, first_score), (stage, score) = unpack(first_rank), unpack(rank)
    behind_by: str | None
    if guarantee is not None:
        behind_by, by, rule = None, 0.0, "B11"
    elif stage != first_stage:
        behind_by, by, rule = "stage", float(first_stage - stage), "A2"
    elif score != first_score:
        behind_by, by, rule = "score", float(first_score - score), "A4"
    else:
        behind_by, by, rule = "turn", 0.0, "A6"
    return {
        "lead_id": lead_id,
        "rank": rank,
        "stage": stage,
        "score": float(score),
        "behind_by": behind_by,
        "by": by,
        "rule": rule,
    }
