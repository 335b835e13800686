"""Whether ranking again gives the numbers that were stored with a decision."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.leads.lead import Ranking

FINDINGS = ("chance", "budget", "urgency", "stage")
NUMBERS = ("kind", "intent", "patience_minutes", "cost_per_minute", "score", "rank", "lane")
LATER = ("index", "mode")  # older explanations have neither


@dataclass(frozen=True, slots=True)
class Difference:
    """A part whose stored value differs from the newly found one; None for a missing value."""

    part: str
    stored: object
    found: object


def compare(
    explanation: Mapping[str, Any], decision: Mapping[str, Any] | None, ranking: Ranking
) -> list[Difference]:
    """The differences between a stored explanation and decision, and a new ranking.

    The source and the rule of a number are compared too.
    """
    found = ranking.explanation
    stored_rank = (decision or {}).get("rank")
    pairs = [
        *_findings(explanation, found),
        *((name, explanation.get(name), found.get(name)) for name in NUMBERS),
        *((name, explanation.get(name, found[name]), found[name]) for name in LATER),
        ("decision.rank", stored_rank, ranking.rank),
    ]
    return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]


def _findings(
    stored: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[tuple[str, object, object]]:
    for name in FINDINGS:
        one, again = stored.get(name), found[name]
        for part in ("value", "source", "rule"):
            existing = one.get(part) if isinstance(one, Mapping) else None
            yield f"{name}.{part}", existing, again[part]
