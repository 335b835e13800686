"""The whole order in one number: exact in a double, total, the same for everybody."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from builders import NOON
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import DEFAULT, a_situation, moments, pairs, policies, situations, steady
from ranks import pack

from service.leads.lead import EVERYBODY, Channel, Kind, Ranking, RankingInput
from service.ranking.rank import rank_lead, unpack
from service.rules.policy import Policy, Ties
from service.rules.staff import DUTY

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
LAST_SECOND = BEGINNING + timedelta(seconds=2**29 - 1)

stages = st.integers(0, 900)
hundredths = st.integers(0, 10_000)
points = hundredths.map(lambda count: Decimal(count) / 100)
ways = st.sampled_from(Ties)
seconds = st.integers(0, 2**29 - 1)

similar_situations = st.builds(
    a_situation,
    channel=st.sampled_from(Channel),
    live=st.booleans(),
    budget=st.sampled_from([None, Decimal(100), Decimal(9000)]),
    urgency=st.sampled_from([None, 0.5]),
    received_at=st.integers(0, 5000).map(lambda some: NOON + timedelta(milliseconds=some)),
)
lines = st.lists(similar_situations, max_size=12)


def at_second(number: int) -> datetime:
    return BEGINNING + timedelta(seconds=number)


def in_line(standings: dict[str, Ranking]) -> list[str]:
    return sorted(standings, key=lambda lead: (-standings[lead].rank, lead))


def named(line: list[RankingInput]) -> dict[str, RankingInput]:
    return {f"lead {number}": situation for number, situation in enumerate(line)}


def by_the_design(situation: RankingInput, lead: str) -> tuple[object, ...]:
    ranking = rank_lead(situation, DEFAULT, NOON)
    age = int(situation.signal.received_at.timestamp())
    return (
        -ranking.stage,
        -ranking.score,
        -age if ranking.kind is Kind.CHAT else age,
        lead,
    )


@pytest.mark.parametrize(
    ("ties", "tie"), [("newest", 13_852_740), ("oldest", 2**29 - 1 - 13_852_740)]
)
def test_a_rank_is_packed_as_the_design_says(ties: str, tie: int) -> None:
    received_at = datetime(2026, 6, 10, 7, 59, tzinfo=UTC)
    rank = pack(600, Decimal("65.86"), received_at, Ties(ties))
    assert rank == (600 * 10_001 + 6_586) * 2**29 + tie


@steady
@given(stages, points, moments, ways)
def test_a_rank_is_exact_in_a_double(
    stage: int, score: Decimal, received_at: datetime, ties: Ties
) -> None:
    rank = pack(stage, score, received_at, ties)
    assert isinstance(rank, int)
    assert 0 <= rank < 2**53
    assert int(float(rank)) == rank


@steady
@given(stages, points, moments, ways)
def test_stage_and_score_are_told_from_a_rank_again(
    stage: int, score: Decimal, received_at: datetime, ties: Ties
) -> None:
    assert unpack(pack(stage, score, received_at, ties)) == (stage, score)


@pytest.mark.parametrize("ties", Ties)
@pytest.mark.parametrize("received_at", [BEGINNING, LAST_SECOND])
def test_the_least_and_the_greatest_rank_are_exact(received_at: datetime, ties: Ties) -> None:
    for stage, score in [(0, Decimal(0)), (900, Decimal(100))]:
        rank = pack(stage, score, received_at, ties)
        assert 0 <= int(float(rank)) == rank < 2**53


@steady
@given(situations, policies())
def test_every_lead_has_an_exact_rank(situation: RankingInput, policy: Policy) -> None:
    rank = rank_lead(situation, policy, NOON).rank
    assert 0 <= int(float(rank)) == rank < 2**53


@steady
@given(pairs(stages), points, points, moments, moments, ways, ways)
def test_a_higher_stage_beats_any_score(
    two_stages: tuple[int, int],
    low: Decimal,
    high: Decimal,
    when: datetime,
    then: datetime,
    way: Ties,
    another: Ties,
) -> None:
    lesser, greater = two_stages
    greater += lesser == greater
    assert pack(greater, low, when, way) > pack(lesser, high, then, another)


@steady
@given(stages, pairs(hundredths), moments, moments, ways, ways)
def test_a_higher_score_beats_any_tie(
    stage: int,
    two_scores: tuple[int, int],
    when: datetime,
    then: datetime,
    way: Ties,
    another: Ties,
) -> None:
    lesser, greater = two_scores
    greater += lesser == greater
    higher = pack(stage, Decimal(greater) / 100, when, way)
    assert higher > pack(stage, Decimal(lesser) / 100, then, another)


@steady
@given(stages, points, pairs(seconds))
def test_of_equal_leads_every_second_counts(
    stage: int, score: Decimal, two: tuple[int, int]
) -> None:
    older, newer = at_second(two[0]), at_second(two[1])
    later_by = two[1] - two[0]
    newest_first = pack(stage, score, newer, Ties.NEWEST) - pack(stage, score, older, Ties.NEWEST)
    oldest_first = pack(stage, score, older, Ties.OLDEST) - pack(stage, score, newer, Ties.OLDEST)
    assert newest_first == oldest_first == later_by


@pytest.mark.parametrize("ties", Ties)
@pytest.mark.parametrize(
    ("beyond", "edge"),
    [
        (BEGINNING - timedelta(microseconds=1), BEGINNING),
        (datetime(1970, 1, 1, tzinfo=UTC), BEGINNING),
        (LAST_SECOND + timedelta(seconds=1), LAST_SECOND),
        (datetime(2500, 1, 1, tzinfo=UTC), LAST_SECOND),
    ],
)
def test_before_2026_and_after_2042_the_tie_stays_at_its_edge(
    beyond: datetime, edge: datetime, ties: Ties
) -> None:
    assert pack(0, Decimal(0), beyond, ties) == pack(0, Decimal(0), edge, ties)


@pytest.mark.parametrize("kind", Kind)
def test_of_equal_chats_the_newest_goes_first_and_of_others_the_oldest(kind: Kind) -> None:
    sooner, later = (
        rank_lead(a_situation(kind=kind, received_at=NOON + timedelta(seconds=age)), DEFAULT, NOON)
        for age in (0, 1)
    )
    assert sooner.score == later.score
    assert (later.rank > sooner.rank) is (kind is Kind.CHAT)


@steady
@given(lines)
def test_the_line_is_ordered_by_stage_then_score_then_age_then_id(line: list[RankingInput]) -> None:
    leads = named(line)
    expected = sorted(leads, key=lambda lead: by_the_design(leads[lead], lead))
    assert (
        in_line({lead: rank_lead(item, DEFAULT, NOON) for lead, item in leads.items()}) == expected
    )


@steady
@given(lines, st.randoms(use_true_random=False))
def test_the_line_is_the_same_in_whatever_order_leads_come(
    line: list[RankingInput], dice: Random
) -> None:
    leads = named(line)
    shuffled = list(leads)
    dice.shuffle(shuffled)
    one = in_line({lead: rank_lead(leads[lead], DEFAULT, NOON) for lead in leads})
    assert in_line({lead: rank_lead(leads[lead], DEFAULT, NOON) for lead in shuffled}) == one


@steady
@given(st.lists(situations, max_size=8), policies(), st.randoms(use_true_random=False))
def test_under_any_policy_the_line_is_one_total_order(
    line: list[RankingInput], policy: Policy, dice: Random
) -> None:
    standings = {lead: rank_lead(item, policy, NOON) for lead, item in named(line).items()}
    shuffled = list(standings)
    dice.shuffle(shuffled)
    order = in_line(standings)
    assert in_line({lead: standings[lead] for lead in shuffled}) == order
    places = [(-standings[lead].rank, lead) for lead in order]
    assert all(before < after for before, after in pairwise(places))


@pytest.mark.parametrize("channel", sorted(set(Channel) - {Channel.EMAIL}))
def test_a_lead_waits_where_every_operator_is_served(channel: Channel) -> None:
    lane = rank_lead(a_situation(channel=channel), DEFAULT, NOON).lane
    assert lane == EVERYBODY


def test_common_mail_waits_for_the_duty_operator_and_then_for_everybody() -> None:
    """B20: for as long as an owner would be waited for."""
    ranking = rank_lead(a_situation(channel=Channel.EMAIL, received_at=NOON), DEFAULT, NOON)
    passed_on = [step.at for step in ranking.timeline if step.lane == EVERYBODY]
    own = [step.at for step in ranking.timeline if step.lane == DUTY]
    assert ranking.lane == DUTY
    assert passed_on[0] == NOON + timedelta(hours=1)
    assert all(at < passed_on[0] for at in own)
