"""An explanation is enough to compute the score and the rank again, to the last digit."""

import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from builders import NOON
from hypothesis import given
from ranking_builders import DEFAULT, WORDY, a_policy, a_situation, policies, situations, steady

from service.leads.lead import Intent, Kind, Outcomes, RankingInput
from service.ranking.rank import rank_lead
from service.rules.policy import Policy


def sent_and_read(explanation: Any) -> dict[str, Any]:
    return json.loads(json.dumps(explanation, allow_nan=False))


def patience_again(reported: dict[str, Any]) -> float:
    return reported["formula"]["longest_patience_minutes"] ** (1 - reported["urgency"]["value"])


def cost_again(reported: dict[str, Any]) -> float:
    return (
        reported["chance"]["value"] * float(reported["budget"]["value"]) / patience_again(reported)
    )


def score_again(reported: dict[str, Any]) -> Decimal:
    c0, c1 = reported["formula"]["c0"], reported["formula"]["c1"]
    share = math.log10(1 + cost_again(reported) / c0) / math.log10(1 + c1 / c0)
    return Decimal(min(100.0, max(0.0, 100 * share))).quantize(Decimal("0.01"))


def rank_again(reported: dict[str, Any], received_at: datetime) -> int:
    seconds = math.floor((received_at - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds())
    age = min(2**29 - 1, max(0, seconds))
    tie = {"newest": age, "oldest": 2**29 - 1 - age}[reported["ties"]["value"]]
    hundredths = round(Decimal(str(reported["score"])) * 100)
    return (reported["stage"]["value"] * 10_001 + hundredths) * 2**29 + tie


@steady
@given(situations, policies())
def test_the_score_follows_from_the_explanation_alone(
    situation: RankingInput, policy: Policy
) -> None:
    ranking = rank_lead(situation, policy, NOON)
    reported = sent_and_read(ranking.explanation)
    assert patience_again(reported) == reported["patience_minutes"]
    assert cost_again(reported) == reported["cost_per_minute"] == ranking.cost_per_minute
    assert score_again(reported) == Decimal(str(reported["score"])) == ranking.score


@steady
@given(situations, policies())
def test_the_rank_follows_from_the_explanation_and_the_time_it_came(
    situation: RankingInput, policy: Policy
) -> None:
    ranking = rank_lead(situation, policy, NOON)
    reported = sent_and_read(ranking.explanation)
    assert rank_again(reported, situation.signal.received_at) == reported["rank"] == ranking.rank
    assert reported["stage"]["value"] == ranking.stage


@steady
@given(situations, policies())
def test_nothing_is_lost_when_an_explanation_is_sent(
    situation: RankingInput, policy: Policy
) -> None:
    explanation = rank_lead(situation, policy, NOON).explanation
    assert sent_and_read(explanation) == explanation


@steady
@given(situations)
def test_every_number_found_has_a_source_and_a_rule(situation: RankingInput) -> None:
    reported = rank_lead(situation, DEFAULT, NOON).explanation
    for part in ("chance", "budget", "urgency", "stage"):
        assert reported[part]["source"]
        assert reported[part]["rule"]


def test_an_explanation_reads_as_the_handbook_does() -> None:
    situation = a_situation(budget=Decimal(5000), urgency=0.9, intent=Intent.SALE)
    reported = sent_and_read(rank_lead(situation, DEFAULT, NOON).explanation)
    patience, cost = reported.pop("patience_minutes"), reported.pop("cost_per_minute")
    assert (round(patience, 2), round(cost, 2)) == (2.51, 895.03)
    assert reported == {
        "kind": "chat",
        "intent": "sale",
        "text": None,
        "chance": {"value": 0.45, "source": "kind chat", "rule": "A3"},
        "budget": {"value": "5000.00", "source": "stated", "rule": "A1"},
        "urgency": {"value": 0.9, "source": "stated", "rule": "A1"},
        "score": 65.86,
        "stage": {"value": 600, "source": "kind chat", "rule": "A2"},
        "first_of_stage": False,
        "ties": {"value": "newest", "rule": "A6"},
        "rank": (600 * 10_001 + 6_586) * 2**29 + 13_867_200,
        "lane": "everybody",
        "routing": {
            "owner": None, "owner_rule": None, "skills": [], "skills_rule": None,
            "credited_to": None, "assigned_to": None, "declined_by": [], "pinned": False,
            "promised_by": None,
        },
        "index": {
            "value": 895.0276762990734, "work_minutes": 1.0, "weight_of_patience": 1.0,
            "share_still_there": 1.0,
        },
        "mode": "calm",
        "currency": "RUB",
        "policy_version": 1,
        "formula": {"c0": 0.1, "c1": 100_000, "longest_patience_minutes": 10_080},
    }  # fmt: skip


def test_what_a_text_says_is_told_with_its_rules() -> None:
    text = "2 комплекта колодок до 9000 руб, жалоба, JTDBR32E720123456, тел. +7 495 123-45-67"
    reported = sent_and_read(rank_lead(a_situation(text=text), WORDY, NOON).explanation)
    assert reported["text"] == {
        "signals": [
            {"signal": "pads", "quantity": 2, "rule": "A5"},
            {"signal": "angry", "quantity": 1, "rule": "B4"},
        ],
        "names": {
            "pads": {"ru": "колодки", "en": "pads"},
            "angry": {"ru": "жалоба", "en": "angry"},
        },
        "corrections": [],
        "decided_by_message": {},
        "vote": None,
        "notes": [],
        "skills": ["complaints"],
        "price": "9000.00",
        "price_is_guess": False,
        "needed_by": None,
        "phones": ["+74951234567"],
        "vins": ["JTDBR32E720123456"],
        "body_numbers": [],
    }


def test_outcomes_that_corrected_a_chance_are_told_and_kept() -> None:
    seen = {(Kind.CHAT, Intent.SALE): Outcomes(60, 40), (Kind.PHONE, Intent.SALE): Outcomes(0, 9)}
    ranking = rank_lead(a_situation(), DEFAULT, NOON, seen)
    reported = sent_and_read(ranking.explanation)["chance"]
    assert reported["source"] == "kind chat, 60 of 100 won so far"
    assert reported["value"] == ranking.chance == (100 * 0.45 + 60) / 200
    assert ranking.observed == Outcomes(60, 40)


def test_a_policy_that_does_not_learn_passes_outcomes_over() -> None:
    stubborn = a_policy(learning={"enabled": False})
    seen = {(Kind.CHAT, Intent.SALE): Outcomes(60, 40)}
    ranking = rank_lead(a_situation(), stubborn, NOON, seen)
    assert (ranking.chance, ranking.observed) == (0.45, None)
