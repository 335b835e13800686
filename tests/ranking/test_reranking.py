"""A lead that is known already: later, under another policy, or until a client is called again."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from builders import NOON
from hypothesis import given
from open_always import open_always
from ranking_builders import (
    DEFAULT,
    a_policy,
    a_situation,
    moscow,
    policies,
    situations,
    steady,
    times_left,
)

from service.leads.lead import Intent, Kind, Lead, Outcomes, RankingInput, State
from service.policies.reading import read_policy
from service.ranking.rank import NOTHING_OBSERVED, Observed, rank_lead
from service.ranking.reranking import observed_before, rank_parked, rerank_lead
from service.ranking.timeline import MAX_STEPS
from service.rules.policy import Policy, Returning

LATER = NOON + timedelta(hours=3)
SOLD: Observed = {(Kind.CHAT, Intent.SALE): Outcomes(60, 40)}
WAITING = [State.WAITING, State.CLAIMED]


def a_lead(
    situation: RankingInput,
    state: State = State.WAITING,
    parked_until: datetime | None = None,
    observed: Observed = NOTHING_OBSERVED,
) -> Lead:
    ranking = rank_lead(situation, DEFAULT, NOON, observed)
    return Lead(UUID(int=1), 1, state, situation, ranking, NOON, parked_until=parked_until)


@pytest.mark.parametrize("state", WAITING)
def test_a_lead_in_line_stands_again_as_anybody_would(state: State) -> None:
    situation = a_situation(kind=Kind.OFFLINE)
    again = rerank_lead(a_lead(situation, state), situation, DEFAULT, LATER, NOTHING_OBSERVED)
    assert again == rank_lead(situation, DEFAULT, LATER)
    assert again.stage == 590


def test_another_policy_moves_a_lead_and_is_named() -> None:
    policy = read_policy(open_always(), version=7)
    dearer = replace(a_policy(kinds={"chat": {"stage": 610, "usual_bill": 70_000}}), version=8)
    situation = a_situation()
    lead = a_lead(situation)
    same = rerank_lead(lead, situation, policy, NOON, NOTHING_OBSERVED)
    moved = rerank_lead(lead, situation, dearer, NOON, NOTHING_OBSERVED)
    assert (same.rank, same.policy_version) == (lead.ranking.rank, 7)
    assert (moved.stage, moved.policy_version) == (610, 8)
    assert moved.score > same.score


def test_new_facts_move_a_lead() -> None:
    lead, situation = a_lead(a_situation()), a_situation(budget=Decimal(90_000))
    again = rerank_lead(lead, situation, DEFAULT, NOON, NOTHING_OBSERVED)
    assert again.score > lead.ranking.score


def test_a_parked_lead_stands_where_it_will_when_it_is_due() -> None:
    situation, until = a_situation(), NOON + timedelta(minutes=30)
    lead = a_lead(situation, State.PARKED, until)
    ranking = rerank_lead(lead, situation, DEFAULT, NOON, NOTHING_OBSERVED)
    expected = rank_lead(a_situation(callback_due=True), DEFAULT, until)
    assert (ranking.stage, ranking.rank) == (750, expected.rank)
    first = ranking.timeline[0]
    assert (first.at, first.source, first.rule) == (until, "promised callback is due", "A11")
    assert (first.stage, first.score, first.rank, first.lane) == (
        *(expected.stage, expected.score, expected.rank, expected.lane),
    )


def test_a_parked_lead_takes_the_stage_of_another_policy_when_it_is_due() -> None:
    situation, until = a_situation(), NOON + timedelta(minutes=30)
    policy = a_policy(returns={"promised_callback": 700})
    lead = a_lead(situation, State.PARKED, until)
    first = rerank_lead(lead, situation, policy, NOON, NOTHING_OBSERVED).timeline[0]
    assert (first.at, first.stage) == (until, 700)


def test_a_parked_client_who_named_a_day_is_felt_to_need_it_more_after_the_call_is_due() -> None:
    needed_by = NOON + timedelta(minutes=64)
    situation = a_situation(needed_by=needed_by)
    ranking = rank_parked(situation, DEFAULT, NOON + timedelta(minutes=40), NOTHING_OBSERVED)
    lefts = [(needed_by - step.at) / timedelta(minutes=1) for step in ranking.timeline]
    assert lefts == [24, 16, 8, 4, 2, 1]


def test_a_parked_lead_knows_no_more_steps_than_others() -> None:
    until = NOON + timedelta(days=1)
    situation = a_situation(needed_by=NOON + timedelta(days=36_500), received_at=NOON)
    policy = a_policy(patience={"longest_minutes": 525_600})
    ranking = rank_parked(situation, policy, until, NOTHING_OBSERVED)
    assert len(ranking.timeline) == MAX_STEPS
    assert ranking.timeline[0].at == until


@steady
@given(situations, policies(), times_left)
def test_that_a_client_is_due_is_the_first_step(
    situation: RankingInput, policy: Policy, left: timedelta
) -> None:
    until = NOON + left
    ranking = rank_parked(situation, policy, until, SOLD)
    first = ranking.timeline[0]
    assert (first.at, first.rank) == (until, ranking.rank)
    assert ranking.stage >= (policy.returns[Returning.PROMISED_CALLBACK] or 0)
    assert all(before.at < after.at for before, after in pairwise(ranking.timeline))
    situation = replace(situation, callback_due=True, promised_at=until)
    due = rank_lead(situation, policy, until, SOLD)
    assert (ranking.rank, ranking.timeline[1:]) == (due.rank, due.timeline[: MAX_STEPS - 1])


def test_time_alone_brings_no_newer_outcomes() -> None:
    situation = a_situation()
    lead = a_lead(situation, observed=SOLD)
    assert observed_before(lead) == SOLD
    again = rerank_lead(lead, situation, DEFAULT, LATER, observed_before(lead))
    assert again.chance == lead.ranking.chance != rank_lead(situation, DEFAULT, LATER).chance


def test_who_was_ranked_without_outcomes_stays_without() -> None:
    assert observed_before(a_lead(a_situation())) == NOTHING_OBSERVED


def test_newer_outcomes_are_taken_when_they_are_given() -> None:
    situation = a_situation(received_at=moscow("2026-06-10 09:00"))
    lead = a_lead(situation, observed=SOLD)
    newer = {(Kind.CHAT, Intent.SALE): Outcomes(0, 400)}
    again = rerank_lead(lead, situation, DEFAULT, NOON, newer)
    assert again.observed == Outcomes(0, 400)
    assert again.score < lead.ranking.score
