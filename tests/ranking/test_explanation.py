"""An explanation is enough to compute the score and the rank again, to the last digit."""

import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from builders import NOON
from hypothesis import given
from ranking_builders import DEFAULT, WORDY, a_policy, a_situation, policies, situations, steady

from service.leads.lead import Intent, Kind, Outcomes, Situation
from service.ranking.rank import stand
from service.rules.policy import Policy


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
@given(situations, policies())
def test_the_score_follows_from_the_explanation_alone(situation: Situation, policy: Policy) -> None:
    standing = stand(situation, policy, NOON)
    told = sent_and_read(standing.explanation)
    assert patience_again(told) == told["patience_minutes"]
    assert cost_again(told) == told["cost_per_minute"] == standing.cost_per_minute
    assert score_again(told) == Decimal(str(told["score"])) == standing.score


@steady
@given(situations, policies())
def test_the_rank_follows_from_the_explanation_and_the_time_it_came(
    situation: Situation, policy: Policy
) -> None:
    standing = stand(situation, policy, NOON)
    told = sent_and_read(standing.explanation)
    assert rank_again(told, situation.signal.received_at) == told["rank"] == standing.rank
    assert told["stage"]["value"] == standing.stage


@steady
@given(situations, policies())
def test_nothing_is_lost_when_an_explanation_is_sent(situation: Situation, policy: Policy) -> None:
    explanation = stand(situation, policy, NOON).explanation
    assert sent_and_read(explanation) == explanation


@steady
@given(situations)
def test_every_number_found_has_a_source_and_a_rule(situation: Situation) -> None:
    told = stand(situation, DEFAULT, NOON).explanation
    for part in ("chance", "budget", "urgency", "stage"):
        assert told[part]["source"]
        assert told[part]["rule"]


def test_an_explanation_reads_as_the_handbook_does() -> None:
    situation = a_situation(budget=Decimal(5000), urgency=0.9, intent=Intent.SALE)
    told = sent_and_read(stand(situation, DEFAULT, NOON).explanation)
    patience, cost = told.pop("patience_minutes"), told.pop("cost_per_minute")
    assert (round(patience, 2), round(cost, 2)) == (2.51, 895.03)
    assert told == {
        "kind": "chat",
        "intent": "sale",
        "text": None,
        "chance": {"value": 0.45, "source": "kind chat", "rule": "A3"},
        "budget": {"value": "5000.00", "source": "stated", "rule": "A1"},
        "urgency": {"value": 0.9, "source": "stated", "rule": "A1"},
        "score": 65.86,
        "stage": {"value": 600, "source": "kind chat", "rule": "A2"},
        "ties": {"value": "newest", "rule": "A6"},
        "rank": (600 * 10_001 + 6_586) * 2**29 + 13_867_200,
        "lane": "everybody",
        "routing": {
            "owner": None, "owner_rule": None, "skills": [], "skills_rule": None,
            "credited_to": None, "assigned_to": None, "declined_by": [], "pinned": False,
        },
        "currency": "RUB",
        "policy_version": 1,
        "formula": {"c0": 0.1, "c1": 100_000, "longest_patience_minutes": 10_080},
    }  # fmt: skip


def test_what_a_text_says_is_told_with_its_rules() -> None:
    text = "2 комплекта колодок до 9000 руб, жалоба, JTDBR32E720123456, тел. +7 495 123-45-67"
    told = sent_and_read(stand(a_situation(text=text), WORDY, NOON).explanation)
    assert told["text"] == {
        "signals": [
            {"signal": "pads", "quantity": 2, "rule": "A5"},
            {"signal": "angry", "quantity": 1, "rule": "B4"},
        ],
        "skills": ["complaints"],
        "price": "9000.00",
        "phones": ["+74951234567"],
        "vins": ["JTDBR32E720123456"],
        "body_numbers": [],
    }


def test_outcomes_that_corrected_a_chance_are_told_and_kept() -> None:
    seen = {(Kind.CHAT, Intent.SALE): Outcomes(60, 40), (Kind.PHONE, Intent.SALE): Outcomes(0, 9)}
    standing = stand(a_situation(), DEFAULT, NOON, seen)
    told = sent_and_read(standing.explanation)["chance"]
    assert told["source"] == "kind chat, 60 of 100 won so far"
    assert told["value"] == standing.chance == (100 * 0.45 + 60) / 200
    assert standing.observed == Outcomes(60, 40)


def test_a_policy_that_does_not_learn_passes_outcomes_over() -> None:
    stubborn = a_policy(learning={"enabled": False})
    seen = {(Kind.CHAT, Intent.SALE): Outcomes(60, 40)}
    standing = stand(a_situation(), stubborn, NOON, seen)
    assert (standing.chance, standing.observed) == (0.45, None)
