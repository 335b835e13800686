"""The worked cases of the business rules, under the default policy with their hours and cut-off."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import a_signal
from ranking_builders import a_policy, a_situation

from service.leads.lead import Channel, Ranking, Signal, is_live_by_default
from service.ranking.rank import rank_lead
from service.rules.policy import Policy

CASES = {
    case["name"]: case
    for case in json.loads(Path(__file__).with_name("cases.json").read_text("utf-8"))["cases"]
}


def policy_of_case(case: dict[str, Any]) -> Policy:
    parts: dict[str, Any] = {}
    if "hours" in case:
        parts["hours"] = {"weekly": case["hours"]}
    if "cutoff" in case:
        parts["cutoff"] = {"at": case["cutoff"]}
    return a_policy(**parts)


def signal_of(sent: dict[str, Any]) -> Signal:
    facts = {name: value for name, value in sent.items() if name != "id"}
    channel = Channel(facts["channel"])
    facts.update(channel=channel, live=facts.get("live", is_live_by_default(channel, None)))
    for name in ("received_at", "needed_by"):
        if name in facts:
            facts[name] = datetime.fromisoformat(facts[name])
    if "budget" in facts:
        facts["budget"] = Decimal(facts["budget"])
    return a_signal(**facts)


def standings(case: dict[str, Any]) -> dict[str, Ranking]:
    now, policy = datetime.fromisoformat(case["now"]), policy_of_case(case)
    return {
        lead["id"]: rank_lead(a_situation(signal_of(lead)), policy, now) for lead in case["leads"]
    }


@pytest.mark.parametrize("name", CASES)
def test_leads_are_served_in_the_order_of_the_case(name: str) -> None:
    stands = standings(CASES[name])
    assert sorted(stands, key=lambda lead: (-stands[lead].rank, lead)) == CASES[name]["order"]


@pytest.mark.parametrize("name", [name for name in CASES if "scores" in CASES[name]])
def test_scores_are_those_of_the_case(name: str) -> None:
    scores = {lead: float(ranking.score) for lead, ranking in standings(CASES[name]).items()}
    assert scores == CASES[name]["scores"]


@pytest.mark.parametrize("name", [name for name in CASES if "kinds" in CASES[name]])
def test_kinds_are_those_of_the_case(name: str) -> None:
    stands = standings(CASES[name])
    assert {lead: stands[lead].kind for lead in CASES[name]["kinds"]} == CASES[name]["kinds"]


def test_nothing_in_a_case_is_passed_over() -> None:
    existing = {"name", "rules", "now", "hours", "cutoff", "leads", "order", "scores", "kinds"}
    assert {part for case in CASES.values() for part in case} <= existing
