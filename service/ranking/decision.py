"""Why this lead was served: its place, and what the second one lacked."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from service.leads.unchanging import unchanging
from service.ranking.rank import unpack

Decision = Mapping[str, object]


class ServedVia(StrEnum):
    """How the served lead was chosen."""

    LINE = "line"
    STORAGE = "storage"
    ASKED_FOR = "asked_for"


@unchanging
class Guarantee:
    """One of `every` claims takes the longest-late lead; `count` is counted since the last one."""

    every: int
    count: int


def decide(
    way: ServedVia,
    rank: int,
    second: tuple[str, int] | None = None,
    not_eligible: Sequence[tuple[str, str, int, str]] = (),
    guarantee: Guarantee | None = None,
) -> Decision:
    """The decision to serve a lead before the `second` (its id and rank); a JSON value.

    With a `guarantee` the second stood first and is passed over once. Else the second has a lower
    stage, a lower score, or with both equal a later turn (rules A2, A6). The leads in
    `not_eligible` stood before it: lane, id, rank, and the rule that reserves them for others.
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
