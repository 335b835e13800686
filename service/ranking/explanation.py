"""Why a lead stands where it stands, number by number, so that anyone can compute it again."""

from collections.abc import Mapping

from service.ranking.score import Finding, Score
from service.rules.lanes import promised_by
from service.rules.need import Need
from service.rules.policy import Policy
from service.rules.returns import is_first_of_stage


def explain(
    need: Need, found: Score, stage: Finding, rank: int, lane: str, policy: Policy
) -> Mapping[str, object]:
    """The parts of a standing with their sources and rules; a JSON value."""
    return {
        "kind": need.kind.value,
        "intent": need.intent.value,
        "chance": _finding(found.chance),
        "budget": {**_finding(found.budget), "value": f"{found.budget.value:.2f}"},
        "urgency": _finding(found.urgency),
        "patience_minutes": found.patience_minutes,
        "cost_per_minute": found.cost_per_minute,
        "score": float(found.score),
        "stage": {**_finding(stage), "value": int(stage.value)},
        "first_of_stage": is_first_of_stage(need.situation, policy),
        "ties": {"value": policy.kinds[need.kind].ties.value, "rule": "A6"},
        "rank": rank,
        "lane": lane,
        "routing": _routing(need),
        "text": _text(need),
        "currency": policy.currency,
        "policy_version": policy.version,
        "formula": {
            "c0": policy.smallest_cost,
            "c1": policy.greatest_cost,
            "longest_patience_minutes": policy.longest_patience_minutes,
        },
    }


def _finding(found: Finding) -> dict[str, object]:
    return {"value": found.value, "source": found.source, "rule": found.rule}


def _text(need: Need) -> dict[str, object] | None:
    if not need.signal.text:
        return None
    price = need.recognised.price
    return {
        "signals": [
            {"signal": match.entry.signal, "quantity": match.quantity, "rule": match.entry.rule}
            for match in need.reading.matches
        ],
        "skills": sorted(need.reading.skills),
        "price": None if price is None else f"{price:.2f}",
        "phones": list(need.recognised.phones),
        "vins": list(need.recognised.vins),
        "body_numbers": list(need.recognised.body_numbers),
    }


def _routing(need: Need) -> dict[str, object]:
    routing = need.situation.routing
    return {
        "owner": routing.owner,
        "owner_rule": routing.owner_rule or None,
        "skills": sorted(routing.all_skills | need.reading.skills),
        "skills_rule": routing.skills_rule or None,
        "credited_to": routing.credited_to,
        "assigned_to": routing.assigned_to,
        "declined_by": sorted(routing.declined_by),
        "pinned": routing.pinned_at is not None,
        "promised_by": promised_by(need.situation),
    }
