"""A decision says what the second lacked, by how much, and by which rule."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from builders import NOON
from hypothesis import given
from ranking_builders import DEFAULT, a_situation, situations, steady
from ranks import pack

from service.leads.lead import Kind, RankingInput
from service.ranking.decision import ServedVia, decide
from service.ranking.rank import rank_lead
from service.rules.policy import Ties

FIRST = pack(600, Decimal("65.86"), NOON, Ties.NEWEST)


def second_of(rank: int) -> object:
    return decide(ServedVia.LINE, FIRST, ("lead 2", rank))["second"]


def test_a_decision_tells_where_the_served_one_stood() -> None:
    assert decide(ServedVia.STORAGE, FIRST) == {
        "way": "storage",
        "rank": FIRST,
        "stage": 600,
        "score": 65.86,
        "second": None,
        "guarantee": None,
        "not_eligible": [],
    }


def test_who_was_kept_out_is_told_with_the_rule() -> None:
    decision = decide(ServedVia.LINE, FIRST, None, [("super_vip", "lead 3", FIRST + 1, "B3")])
    not_eligible = {"lane": "super_vip", "lead_id": "lead 3", "rank": FIRST + 1, "rule": "B3"}
    assert decision["not_eligible"] == [not_eligible]


def test_the_second_lacked_a_stage() -> None:
    rank = pack(590, Decimal("99.00"), NOON, Ties.OLDEST)
    assert second_of(rank) == {
        "lead_id": "lead 2",
        "rank": rank,
        "stage": 590,
        "score": 99.0,
        "behind_by": "stage",
        "by": 10.0,
        "rule": "A2",
    }


def test_the_second_lacked_some_of_the_score() -> None:
    rank = pack(600, Decimal("65.85"), NOON + timedelta(days=1), Ties.NEWEST)
    assert second_of(rank) == {
        "lead_id": "lead 2",
        "rank": rank,
        "stage": 600,
        "score": 65.85,
        "behind_by": "score",
        "by": 0.01,
        "rule": "A4",
    }


@pytest.mark.parametrize("age", [0, 1])
def test_the_second_lacked_only_its_turn(age: int) -> None:
    rank = pack(600, Decimal("65.86"), NOON - timedelta(seconds=age), Ties.NEWEST)
    assert second_of(rank) == {
        "lead_id": "lead 2",
        "rank": rank,
        "stage": 600,
        "score": 65.86,
        "behind_by": "turn",
        "by": 0.0,
        "rule": "A6",
    }


def test_who_was_asked_for_may_have_stood_behind_the_second() -> None:
    rank = pack(900, Decimal("0.00"), NOON, Ties.OLDEST)
    asked_for = decide(ServedVia.ASKED_FOR, FIRST, ("lead 2", rank))["second"]
    assert asked_for == {
        "lead_id": "lead 2",
        "rank": rank,
        "stage": 900,
        "score": 0.0,
        "behind_by": "stage",
        "by": -300.0,
        "rule": "A2",
    }


@steady
@given(situations, situations)
def test_a_decision_between_two_standings_names_their_first_difference(
    ranking_input: RankingInput, another: RankingInput
) -> None:
    first, second = sorted(
        (rank_lead(situation, DEFAULT, NOON) for situation in (ranking_input, another)),
        key=lambda ranking: -ranking.rank,
    )
    found = decide(ServedVia.LINE, first.rank, ("lead 2", second.rank))
    assert json.loads(json.dumps(found)) == found
    assert (found["stage"], found["score"]) == (first.stage, float(first.score))
    reported = found["second"]
    if first.stage != second.stage:
        assert (reported["behind_by"], reported["by"]) == ("stage", first.stage - second.stage)
    elif first.score != second.score:
        assert (reported["behind_by"], reported["by"]) == (
            "score",
            float(first.score - second.score),
        )
    else:
        assert (reported["behind_by"], reported["by"]) == ("turn", 0)


def test_what_storage_and_line_call_their_ways_stays() -> None:
    assert [way.value for way in ServedVia] == ["line", "storage", "asked_for"]
    assert (
        decide(ServedVia.LINE, rank_lead(a_situation(kind=Kind.TASK), DEFAULT, NOON).rank)["stage"]
        == 200
    )
