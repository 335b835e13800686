"""What time brings about, told day by day: nights, weekends, holidays, clocks put on and back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from builders import NOON
from ranking_builders import DEFAULT, a_policy, a_situation, moscow

from service.leads.lead import EarlyStart, Kind, RankingInput, Step
from service.ranking.rank import rank_lead
from service.rules.policy import Policy

DAILY = {"weekly": {"mon-sun": "09:00-19:00"}}
WEEKDAYS = {"weekly": {"mon-fri": "09:00-19:00"}}
WITH_HOLIDAYS = {**WEEKDAYS, "holidays": {"country": "RU"}}
NIGHTLY = {"weekly": {"mon-sun": "01:00-05:00"}}
VACATION = {**DAILY, "exceptions": {f"2026-07-{day:02}": "closed" for day in range(1, 32)}}

Moves = list[tuple[datetime, int]]


def timeline(policy: Policy, now: datetime, situation: RankingInput) -> tuple[Step, ...]:
    return rank_lead(situation, policy, now).timeline


def moves(policy: Policy, now: datetime, **sent: Any) -> Moves:
    """The stages to come of a lead that is received now."""
    situation = a_situation(**{"received_at": now, **sent})
    return [(step.at, step.stage) for step in timeline(policy, now, situation)]


def berlin(hours: dict[str, Any], **parts: Any) -> Policy:
    return a_policy(time_zone="Europe/Berlin", hours=hours, **parts)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "since", "until"),
    [
        pytest.param(DAILY, "2026-06-10 12:00", "2026-06-10 12:05", id="within a day"),
        pytest.param(DAILY, "2026-06-10 18:58", "2026-06-11 09:03", id="over a night"),
        pytest.param(WEEKDAYS, "2026-06-05 18:58", "2026-06-08 09:03", id="over a weekend"),
        pytest.param(WITH_HOLIDAYS, "2026-06-11 18:58", "2026-06-15 09:03", id="over a holiday"),
        pytest.param(VACATION, "2026-06-30 18:58", "2026-08-01 09:03", id="over a vacation"),
    ],
)
def test_a_chat_waits_five_minutes_of_business_time(
    hours: dict[str, Any], since: str, until: str
) -> None:
    assert moves(a_policy(hours=hours), moscow(since)) == [(moscow(until), 620)]


def test_a_night_message_waits_from_the_opening_on() -> None:
    steps = moves(a_policy(hours=DAILY), moscow("2026-06-10 02:00"))
    assert steps == [(moscow("2026-06-10 11:00"), 590), (moscow("2026-06-10 17:00"), 650)]


@pytest.mark.parametrize(
    ("received_at", "lifted_at"),
    [
        pytest.param("2026-03-29 00:30", "2026-03-29 02:30", id="put on: 2:00 to 3:00 is left out"),
        pytest.param("2026-10-24 23:30", "2026-10-25 01:30", id="put back: 2:00 to 3:00 is twice"),
    ],
)
def test_waiting_is_counted_in_minutes_that_pass(received_at: str, lifted_at: str) -> None:
    # From 01:30 in Berlin, two open hours: to 04:30 in spring, to the second 02:30 in autumn.
    found = moves(berlin(NIGHTLY, cutoff={"at": "04:00"}), utc(received_at), kind=Kind.OFFLINE)
    assert found[0] == (utc(lifted_at), 590)


def test_a_self_order_is_lifted_before_every_cutoff_and_let_down_after_it() -> None:
    now = moscow("2026-06-10 09:30")
    steps = timeline(DEFAULT, now, a_situation(kind=Kind.SELF_ORDER, received_at=now, paid=True))
    assert [(step.at, step.stage, step.source, step.rule) for step in steps] == [
        (moscow(f"2026-06-{day} {time}"), *step)
        for day in (10, 11)
        for time, *step in [
            ("10:30", 640, "before_cutoff 90 minutes", "A15"),
            ("11:30", 680, "before_cutoff 30 minutes", "A15"),
            ("12:00", 500, "kind self_order", "A2"),
        ]
    ]


@pytest.mark.parametrize(("now", "stage"), [("10:30", 640), ("11:59:59", 680), ("12:00", 500)])
def test_a_lift_holds_from_its_beginning_until_before_its_end(now: str, stage: int) -> None:
    at = moscow(f"2026-06-10 {now}")
    assert (
        rank_lead(a_situation(kind=Kind.SELF_ORDER, received_at=NOON), DEFAULT, at).stage == stage
    )


def test_without_a_cutoff_nothing_is_lifted_before_it() -> None:
    policy = a_policy(cutoff=None, kinds={"self_order": {"escalations": []}})
    assert moves(policy, NOON, kind=Kind.SELF_ORDER, paid=True) == []


def test_an_unpaid_order_loses_worth_with_each_day_of_a_week() -> None:
    """A26: its stage stays, and only its score falls."""
    policy = a_policy(cutoff=None, kinds={"self_order": {"escalations": []}})
    situation = a_situation(kind=Kind.SELF_ORDER, received_at=NOON)
    steps = timeline(policy, NOON, situation)
    assert [(step.at, step.stage) for step in steps] == [
        (NOON + timedelta(days=days), 500) for days in range(1, 8)
    ]
    scores = [rank_lead(situation, policy, NOON).score, *(step.score for step in steps)]
    assert scores == sorted(set(scores), reverse=True)


def test_registrations_are_lifted_before_each_closing() -> None:
    spans = ["09:00-14:00", "15:00-18:00"]
    found = moves(
        a_policy(hours={"weekly": {"mon-fri": spans}}),
        moscow("2026-06-12 10:00"),
        kind=Kind.REGISTRATION,
    )
    assert found == [
        (moscow("2026-06-12 12:00"), 450),
        (moscow("2026-06-12 14:00"), 300),
        (moscow("2026-06-12 16:00"), 450),
        (moscow("2026-06-12 18:00"), 300),
    ]


def test_a_shop_that_never_closes_lifts_no_registration() -> None:
    assert moves(DEFAULT, NOON, kind=Kind.REGISTRATION) == []


def minutes_left(steps: tuple[Step, ...], needed_by: datetime) -> list[float]:
    return [(needed_by - step.at) / timedelta(minutes=1) for step in steps]


@pytest.mark.parametrize(
    ("left", "lefts"),
    [
        (64, [32, 16, 8, 4, 2, 1]),
        (90, [45, 22.5, 11.25, 5.625, 2.8125, 1.40625, 1]),
        pytest.param(2 * 10080, [*(5040 / 2**step for step in range(13)), 1], id="two weeks"),
        (1.5, [1]),
        *((1, []), (0.5, []), (0, []), (-60, [])),
    ],
)
def test_a_need_is_felt_anew_whenever_half_of_the_time_is_gone(
    left: float, lefts: list[float]
) -> None:
    needed_by = NOON + timedelta(minutes=left)
    situation = a_situation(kind=Kind.TASK, needed_by=needed_by)
    steps = timeline(DEFAULT, NOON, situation)
    assert minutes_left(steps, needed_by) == pytest.approx(lefts)
    scores = [rank_lead(situation, DEFAULT, NOON).score, *(step.score for step in steps)]
    assert scores == sorted(set(scores))


def test_the_time_that_is_left_counts_from_the_last_word() -> None:
    needed_by = NOON + timedelta(minutes=64)
    asked_at = NOON + timedelta(minutes=54)
    situation = a_situation(kind=Kind.TASK, needed_by=needed_by, asked_at=asked_at)
    steps = timeline(DEFAULT, asked_at, situation)
    assert minutes_left(steps, needed_by) == [5, 2.5, 1.25, 1]


def test_a_stated_urgency_does_not_grow() -> None:
    needed_by = NOON + timedelta(hours=1)
    assert moves(DEFAULT, NOON, kind=Kind.TASK, needed_by=needed_by, urgency=0.5) == []


def rushed(day: int, minutes: float) -> Moves:
    rush, now = EarlyStart(moscow(f"2026-06-{day} 12:00"), minutes), moscow("2026-06-10 07:00")
    situation = a_situation(kind=Kind.SELF_ORDER, received_at=now, rush=rush, paid=True)
    return [(step.at, step.stage) for step in timeline(DEFAULT, now, situation)]


@pytest.mark.parametrize(
    ("day", "minutes", "today", "tomorrow"),
    [
        pytest.param(10, 180, "09:00", "10:30", id="today"),
        pytest.param(11, 180, "10:30", "09:00", id="tomorrow"),
        pytest.param(12, 180, "10:30", "10:30", id="neither"),
        pytest.param(10, 60, "10:30", "10:30", id="less than usual"),
    ],
)
def test_a_rush_makes_the_widest_lift_earlier_for_its_own_cutoff(
    day: int, minutes: float, today: str, tomorrow: str
) -> None:
    assert rushed(day, minutes) == [
        (moscow(f"2026-06-{day} {time}"), stage)
        for day, first in ((10, today), (11, tomorrow))
        for time, stage in ((first, 640), ("11:30", 680), ("12:00", 500))
    ]


def test_a_rush_tells_its_minutes() -> None:
    now = moscow("2026-06-10 10:00")
    rush = EarlyStart(moscow("2026-06-10 12:00"), 180)
    ranking = rank_lead(a_situation(kind=Kind.SELF_ORDER, received_at=now, rush=rush), DEFAULT, now)
    reported = ranking.explanation["stage"]
    assert reported == {"value": 640, "source": "before_cutoff 180 minutes", "rule": "A15"}


@pytest.mark.parametrize("kind", Kind)
def test_nothing_lifts_above_a_callback_that_is_due(kind: Kind) -> None:
    policy, now = a_policy(hours=DAILY), moscow("2026-06-10 09:30")
    assert moves(policy, now, kind=kind, callback_due=True, paid=True) == []


def before_closing(minutes: int) -> Policy:
    spans = ["09:00-10:00", "11:00-12:00", "13:00-14:00"]
    escalations = [{"before_closing_minutes": minutes, "stage": 450, "rule": "A18"}]
    return a_policy(
        hours={"weekly": {"mon-sun": spans}},
        cutoff={"at": "12:00"},
        kinds={"registration": {"escalations": escalations}},
    )


def test_a_lift_that_goes_on_over_many_closings_ends_with_the_last() -> None:
    found = moves(before_closing(300), moscow("2026-06-10 09:30"), kind=Kind.REGISTRATION)
    assert found[0] == (moscow("2026-06-10 14:00"), 300)


def test_no_daily_lift_is_left_out_between_two_steps() -> None:
    now = moscow("2026-06-10 13:00")
    situation = a_situation(
        kind=Kind.SELF_ORDER, received_at=now, needed_by=now + timedelta(days=10)
    )
    steps = timeline(DEFAULT, now, situation)
    lifted = sorted({step.at.date() for step in steps if step.stage == 680})
    assert steps[-1].at.date() - lifted[-1] <= timedelta(days=1)


def test_a_step_far_ahead_knows_the_lift_it_falls_into() -> None:
    now, halved_at = moscow("2026-06-10 13:00"), moscow("2026-06-15 11:45")
    situation = a_situation(
        kind=Kind.SELF_ORDER, received_at=now, needed_by=now + 2 * (halved_at - now)
    )
    for step in timeline(DEFAULT, now, situation):
        assert step.stage == rank_lead(situation, DEFAULT, step.at).stage
