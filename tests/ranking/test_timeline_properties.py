"""Whoever follows the steps, and whoever ranks anew, come to the same place at any moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from builders import a_signal
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import DEFAULT, MOSCOW, a_situation, steady, with_kind

from service.hours.hours import Hours, PublicHolidays, Span, Timetable, around_the_clock
from service.leads.lead import EarlyStart, Kind, Ranking, RankingInput
from service.ranking.rank import rank_lead
from service.ranking.timeline import MAX_STEPS, halvings, next_cutoff, time_left
from service.rules.policy import Cutoff, Escalation, Policy, Trigger

FAR = datetime(2027, 12, 31, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
CALLBACK = 750
WIDEST = 900
LIFTED = (Kind.CHAT, Kind.SELF_ORDER)
ZONES = [MOSCOW, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")]

# Clocks change in March and October; in June and at New Year there are holidays.
days = st.sampled_from(["2026-03-27", "2026-06-11", "2026-10-23", "2026-12-30"])
begins = days.map(lambda day: datetime.fromisoformat(day).replace(tzinfo=UTC))
waits = st.timedeltas(timedelta(), timedelta(days=5))
half_hours = st.integers(0, 47).map(lambda count: count * 30)
spans = st.builds(
    lambda start, length: Span(start, start + length * 30), half_hours, st.integers(1, 28)
)
weeks = st.dictionaries(st.integers(0, 6), st.lists(spans, min_size=1, max_size=3).map(tuple))


@st.composite
def open_hours(draw: st.DrawFn) -> Hours:
    zone = draw(st.sampled_from(ZONES))
    if draw(st.booleans()):
        return around_the_clock(zone)
    country = draw(st.sampled_from([None, PublicHolidays("RU"), PublicHolidays("US")]))
    return Hours(Timetable(zone, draw(weeks), country))


cutoffs = st.builds(
    Cutoff,
    minutes=half_hours,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    handling_minutes=st.just(6),
    rule=st.just("A15"),
)
escalations = st.builds(
    Escalation,
    trigger=st.sampled_from(Trigger),
    minutes=st.floats(0.01, WIDEST) | st.integers(1, WIDEST),
    stage=st.integers(0, CALLBACK),
    rule=st.just("A15"),
)
long_waits = st.builds(
    replace, escalations, trigger=st.just(Trigger.AFTER), minutes=st.integers(1, 3000)
)


@st.composite
def policies_in_time(draw: st.DrawFn) -> Policy:
    policy = replace(DEFAULT, hours=draw(open_hours()), cutoff=draw(st.none() | cutoffs))
    for kind in LIFTED:
        listed = draw(st.lists(escalations | long_waits, max_size=4))
        stage = draw(st.sampled_from([200, 600]))
        policy = with_kind(policy, kind, stage=stage, escalations=tuple(listed))
    return policy


@st.composite
def waiting(draw: st.DrawFn) -> tuple[RankingInput, Policy, datetime]:
    """A situation under a policy, and a moment not before it."""
    policy, received_at = draw(policies_in_time()), draw(begins) + draw(waits)
    asked_at = received_at + draw(st.just(timedelta()) | waits)
    left = draw(st.none() | st.timedeltas(timedelta(minutes=-5), timedelta(days=20)))
    cutoff_at = next_cutoff(policy, received_at)
    situation = a_situation(
        a_signal(
            kind=draw(st.sampled_from(LIFTED)),
            received_at=received_at,
            needed_by=None if left is None else asked_at + left,
        ),
        asked_at=asked_at,
        callback_due=draw(st.sampled_from([False, False, True])),
        rush=None if cutoff_at is None else draw(st.none() | st.just(EarlyStart(cutoff_at, 400))),
    )
    return situation, policy, asked_at + draw(st.just(timedelta()) | waits)


def place(ranking: Any) -> tuple[object, ...]:
    return ranking.rank, ranking.stage, ranking.score


def known_until(ranking: Ranking) -> datetime:
    """The last step that is told; where none is, nothing will change."""
    return max((step.at for step in ranking.timeline), default=FAR)


def followed(ranking: Ranking, at: datetime) -> tuple[object, ...]:
    """Where a lead stands at a moment, for who knows its timeline only."""
    taken = [step for step in ranking.timeline if step.at <= at]
    return place(taken[-1] if taken else ranking)


@steady
@given(waiting(), waits)
def test_following_the_timeline_is_ranking_anew(
    item: tuple[RankingInput, Policy, datetime], later: timedelta
) -> None:
    situation, policy, now = item
    ranking = rank_lead(situation, policy, now)
    at = min(now + later, known_until(ranking))
    assert followed(ranking, at) == place(rank_lead(situation, policy, at))


@steady
@given(waiting())
def test_a_place_changes_at_its_steps_and_not_before(
    item: tuple[RankingInput, Policy, datetime],
) -> None:
    situation, policy, now = item
    ranking = rank_lead(situation, policy, now)
    until = known_until(ranking)
    for step in ranking.timeline:
        assert place(step) == place(rank_lead(situation, policy, step.at))
        before = min(step.at - MICROSECOND, until)
        assert followed(ranking, before) == place(rank_lead(situation, policy, before))


@steady
@given(waiting(), waits)
def test_taking_step_after_step_comes_to_the_same(
    item: tuple[RankingInput, Policy, datetime], later: timedelta
) -> None:
    situation, policy, now = item
    ranking, until = rank_lead(situation, policy, now), now + later
    while ranking.timeline and ranking.timeline[0].at <= until:
        step = ranking.timeline[0]
        ranking = rank_lead(situation, policy, step.at)
        assert place(ranking) == place(step)
    assert place(ranking) == place(rank_lead(situation, policy, until))


@steady
@given(waiting())
def test_steps_are_few_in_order_and_each_moves_the_lead(
    item: tuple[RankingInput, Policy, datetime],
) -> None:
    situation, policy, now = item
    ranking = rank_lead(situation, policy, now)
    assert len(ranking.timeline) <= MAX_STEPS
    assert all(before.at < after.at for before, after in pairwise(ranking.timeline))
    assert all(step.at > now for step in ranking.timeline)
    places = [
        (item.rank, item.lane, item.protected, item.behind) for item in (ranking, *ranking.timeline)
    ]
    assert all(before != after for before, after in pairwise(places))


@steady
@given(waiting())
def test_no_lift_lowers_or_goes_above_the_callback(
    item: tuple[RankingInput, Policy, datetime],
) -> None:
    situation, policy, now = item
    ranking = rank_lead(situation, policy, now)
    base = CALLBACK if situation.callback_due else policy.kinds[ranking.kind].stage
    assert all(base <= item.stage <= CALLBACK for item in (ranking, *ranking.timeline))


@steady
@given(waiting())
def test_what_a_step_says_is_what_ranking_at_its_time_says(
    item: tuple[RankingInput, Policy, datetime],
) -> None:
    situation, policy, now = item
    for step in rank_lead(situation, policy, now).timeline:
        found = rank_lead(situation, policy, step.at).explanation["stage"]
        assert (step.stage, step.source, step.rule) == (
            found["value"],
            found["source"],
            found["rule"],
        )


@steady
@given(waiting())
def test_a_client_is_thought_to_have_at_most_twice_the_time_he_has(
    item: tuple[RankingInput, Policy, datetime],
) -> None:
    situation, policy, now = item
    needed_by = situation.signal.needed_by
    if needed_by is not None:
        halved = halvings(situation, policy)
        left, existing = needed_by - now, time_left(situation, halved, now)
        longest = timedelta(minutes=policy.longest_patience_minutes)
        assert existing >= left
        if existing > timedelta(minutes=1) and left < longest / 2:
            assert existing <= 2 * left + MICROSECOND
