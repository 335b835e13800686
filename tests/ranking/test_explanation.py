"""An explanation is enough to compute the score and the rank again, to the last digit."""

import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from builders import NOON, a_signal
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import DEFAULT, policies, signals, steady

from service.leads.lead import Intent, Signal
from service.ranking.policy import Policy
from service.ranking.rank import stand


def sent_and_read(explanation: Any) -> dict[str, Any]:
    return json.loads(json.dumps(explanation, allow_nan=False))


def patience_again(told: dict[str, Any]) -> float:
    return told["formula"]["longest_patience_minutes"] ** (1 - told["urgency"]["value"])


def cost_again(told: dict[str, Any]) -> float:
    return told["chance"]["value"] * float(told["budget"]["value"]) / patience_again(told)


def score_again(told: dict[str, Any]) -> Decimal:
    c0, c1 = told["formula"]["c0"], told["formula"]["c1"]
    share = math.log10(1 + cost_again(told) / c0) / math.log10(1 + c1 / c0)
    return Decimal(min(100.0, max(0.0, 100 * share))).quantize(Decimal("0.01"))


def rank_again(told: dict[str, Any], received_at: datetime) -> int:
    seconds = math.floor((received_at - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds())
    age = min(2**29 - 1, max(0, seconds))
    tie = {"newest": age, "oldest": 2**29 - 1 - age}[told["ties"]["value"]]
    hundredths = round(Decimal(str(told["score"])) * 100)
    return (told["stage"]["value"] * 10_001 + hundredths) * 2**29 + tie


@steady
@given(signals, policies(), st.booleans())
def test_the_score_follows_from_the_explanation_alone(
    signal: Signal, policy: Policy, due: bool
) -> None:
    standing = stand(signal, policy, NOON, callback_due=due)
    told = sent_and_read(standing.explanation)
    assert patience_again(told) == told["patience_minutes"]
    assert cost_again(told) == told["cost_per_minute"] == standing.cost_per_minute
    assert score_again(told) == Decimal(str(told["score"])) == standing.score


@steady
@given(signals, policies(), st.booleans())
def test_the_rank_follows_from_the_explanation_and_the_time_it_came(
    signal: Signal, policy: Policy, due: bool
) -> None:
    standing = stand(signal, policy, NOON, callback_due=due)
    told = sent_and_read(standing.explanation)
    assert rank_again(told, signal.received_at) == told["rank"] == standing.rank
    assert told["stage"]["value"] == standing.stage


@steady
@given(signals, policies())
def test_nothing_is_lost_when_an_explanation_is_sent(signal: Signal, policy: Policy) -> None:
    explanation = stand(signal, policy, NOON).explanation
    assert sent_and_read(explanation) == explanation


@steady
@given(signals)
def test_every_number_found_has_a_source_and_a_rule(signal: Signal) -> None:
    told = stand(signal, DEFAULT, NOON).explanation
    for part in ("chance", "budget", "urgency", "stage"):
        assert told[part]["source"]
        assert told[part]["rule"]


def test_an_explanation_reads_as_the_handbook_does() -> None:
    signal = a_signal(budget=Decimal(5000), urgency=0.9, intent=Intent.SALE)
    told = sent_and_read(stand(signal, DEFAULT, NOON).explanation)
    patience, cost = told.pop("patience_minutes"), told.pop("cost_per_minute")
    assert (round(patience, 2), round(cost, 2)) == (2.51, 895.03)
    assert told == {
        "chance": {"value": 0.45, "source": "kind chat", "rule": "A3"},
        "budget": {"value": "5000.00", "source": "stated", "rule": "A1"},
        "urgency": {"value": 0.9, "source": "stated", "rule": "A1"},
        "score": 65.86,
        "stage": {"value": 600, "source": "kind chat", "rule": "A2"},
        "ties": {"value": "newest", "rule": "A6"},
        "rank": (600 * 10_001 + 6_586) * 2**29 + 13_867_200,
        "lane": "everybody",
        "policy_version": 1,
        "formula": {"c0": 0.1, "c1": 100_000, "longest_patience_minutes": 10_080},
    }
