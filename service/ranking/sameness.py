"""Whether what was stored with a decision is what ranking finds again, number by number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.leads.lead import Ranking

FINDINGS = ("chance", "budget", "urgency", "stage")
NUMBERS = ("kind", "intent", "patience_minutes", "cost_per_minute", "score", "rank", "lane")
LATER = ("index", "mode")  # explanations of before have neither


@dataclass(frozen=True, slots=True)
class Difference:
    """A part that is stored otherwise than it is found again; either may be missing: None."""

    part: str
    stored: object
    found: object


def compare(
    explanation: Mapping[str, Any], decision: Mapping[str, Any] | None, ranking: Ranking
) -> list[Difference]:
    """The differences between a stored explanation and decision, and a standing found again.

    Of a number that was found, its source and its rule count too.
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
