"""The worked cases of the business rules, under the default policy."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import a_signal
from ranking_builders import DEFAULT

from service.leads.lead import Channel, Signal, Standing, is_live_unless_said
from service.ranking.rank import stand

CASES = {
    case["name"]: case
    for case in json.loads(Path(__file__).with_name("cases.json").read_text("utf-8"))["cases"]
}
RANKED = [
    "A2 the six kinds in the handbook's order",
    "A4 a call before a self order though it converts less",
    "A5 stated numbers: cheap and urgent before dear and patient",
    "A6 the bigger bill first at equal urgency",
    "A6 all else equal, the freshest chat first",
    "A8 a call nobody took becomes a callback, before every chat",
    "needed_by: the nearer the need, the higher",
]
LEFT_OUT = {
    "A5 from the text alone": "needs the lexicon",
    "A6 from the text alone": "needs the lexicon",
    "a chat left for over five minutes goes before fresh ones": "needs escalation",
    "A2 a WhatsApp message of the night is an offline request": "needs business hours",
    "A15 self orders overtake chats before the supplier's cut-off": "needs the cut-off",
    "A15 and not before that": "needs the cut-off",
}


def signal_of(said: dict[str, Any]) -> Signal:
    facts = {name: value for name, value in said.items() if name != "id"}
    channel = Channel(facts["channel"])
    facts.update(channel=channel, live=facts.get("live", is_live_unless_said(channel, None)))
    for name in ("received_at", "needed_by"):
        if name in facts:
            facts[name] = datetime.fromisoformat(facts[name])
    if "budget" in facts:
        facts["budget"] = Decimal(facts["budget"])
    return a_signal(**facts)


def standings(case: dict[str, Any]) -> dict[str, Standing]:
    now = datetime.fromisoformat(case["now"])
    return {lead["id"]: stand(signal_of(lead), DEFAULT, now) for lead in case["leads"]}


def test_every_case_is_either_ranked_here_or_left_out_for_a_reason() -> None:
    assert sorted([*RANKED, *LEFT_OUT]) == sorted(CASES)


@pytest.mark.parametrize("name", RANKED)
def test_leads_are_served_in_the_order_of_the_case(name: str) -> None:
    stands = standings(CASES[name])
    assert sorted(stands, key=lambda lead: (-stands[lead].rank, lead)) == CASES[name]["order"]


@pytest.mark.parametrize("name", [name for name in RANKED if "scores" in CASES[name]])
def test_scores_are_those_of_the_case(name: str) -> None:
    scores = {lead: float(standing.score) for lead, standing in standings(CASES[name]).items()}
    assert scores == CASES[name]["scores"]
