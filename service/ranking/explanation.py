"""Why a lead stands where it stands, number by number, so that anyone can compute it again."""

from collections.abc import Mapping

from service.ranking.policy import Policy, Ties
from service.ranking.score import Finding, Score


def explain(
    found: Score, stage: Finding, ties: Ties, rank: int, lane: str, policy: Policy
) -> Mapping[str, object]:
    """The parts of a standing with their sources and rules; a JSON value."""
    return {
        "chance": _finding(found.chance),
        "budget": {**_finding(found.budget), "value": f"{found.budget.value:.2f}"},
        "urgency": _finding(found.urgency),
        "patience_minutes": found.patience_minutes,
        "cost_per_minute": found.cost_per_minute,
        "score": float(found.score),
        "stage": {**_finding(stage), "value": int(stage.value)},
        "ties": {"value": ties, "rule": "A6"},
        "rank": rank,
        "lane": lane,
        "policy_version": policy.version,
        "formula": {
            "c0": policy.smallest_cost,
            "c1": policy.greatest_cost,
            "longest_patience_minutes": policy.longest_patience_minutes,
        },
    }


def _finding(found: Finding) -> dict[str, object]:
    return {"value": found.value, "source": found.source, "rule": found.rule}
