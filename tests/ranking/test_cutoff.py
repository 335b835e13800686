"""Whether everything can be done before the cut-off, and when it must begin: by hand."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import NOON
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import DEFAULT, a_policy, a_situation, moscow, steady

from service.leads.lead import Kind, Rush
from service.ranking.cutoff import Load, cutoff_kinds, find_load, rush_minutes
from service.ranking.policy import Policy
from service.ranking.rank import stand

NO_LIFTS = {"self_order": {"escalations": []}}
SHOP = {"weekly": {"mon-fri": "09:00-19:00"}}


def load_at(text: str, waiting: int, operators: int, **parts: Any) -> Load:
    found = find_load(a_policy(**parts), moscow(text), waiting, operators)
    assert found is not None
    return found


def test_the_work_before_a_cutoff_by_hand() -> None:
    # 25 orders of two operators: 13 rounds of 6 minutes; an hour holds 10 of each.
    assert load_at("2026-06-10 11:00", 25, 2) == Load(
        cutoff_at=moscow("2026-06-10 12:00"),
        waiting=25,
        operators=2,
        handling_minutes=6,
        needed_minutes=78,
        left_minutes=60,
        will_miss=5,
    )


@pytest.mark.parametrize(
    ("waiting", "operators", "needed", "missed"),
    [
        (0, 2, 0, 0),
        (1, 2, 6, 0),
        (20, 2, 60, 0),
        (21, 2, 66, 1),
        pytest.param(4, 0, 24, 4, id="nobody on shift"),
        pytest.param(0, 0, 0, 0, id="nobody on shift and nothing to do"),
    ],
)
def test_what_is_needed_and_what_will_be_missed(
    waiting: int, operators: int, needed: float, missed: int
) -> None:
    found = load_at("2026-06-10 11:00", waiting, operators)
    assert (found.needed_minutes, found.will_miss) == (needed, missed)


def test_one_that_is_begun_too_late_will_be_missed() -> None:
    found = load_at("2026-06-10 11:55", 2, 1)
    assert (found.left_minutes, found.will_miss) == (5, 2)


def test_handling_takes_as_long_as_the_policy_says() -> None:
    found = load_at("2026-06-10 11:00", 5, 2, cutoff={"handling_minutes": 12.5})
    assert (found.handling_minutes, found.needed_minutes, found.will_miss) == (12.5, 37.5, 0)


@pytest.mark.parametrize(
    ("now", "cutoff_at", "left"),
    [
        pytest.param("2026-06-10 11:00", "2026-06-10 12:00", 60, id="today"),
        pytest.param("2026-06-10 07:00", "2026-06-10 12:00", 180, id="before the shop opens"),
        pytest.param("2026-06-10 12:00", "2026-06-11 12:00", 600, id="this one is over"),
        pytest.param("2026-06-10 18:30", "2026-06-11 12:00", 210, id="from the evening on"),
        pytest.param("2026-06-05 18:30", "2026-06-08 12:00", 210, id="over a weekend"),
    ],
)
def test_only_open_minutes_are_left(now: str, cutoff_at: str, left: float) -> None:
    found = load_at(now, 1, 1, hours=SHOP)
    assert (found.cutoff_at, found.left_minutes) == (moscow(cutoff_at), left)


def test_a_day_whose_hours_end_before_has_no_cutoff() -> None:
    short = {**SHOP, "exceptions": {"2026-06-10": "09:00-11:30"}}
    found = load_at("2026-06-10 09:30", 1, 1, hours=short)
    assert found.cutoff_at == moscow("2026-06-11 12:00")
    assert found.left_minutes == 120 + 180


def test_a_break_before_the_cutoff_is_no_time_for_work() -> None:
    hours = {"weekly": {"mon-sun": ["09:00-10:00", "11:00-19:00"]}}
    found = load_at("2026-06-10 09:00", 1, 1, hours=hours)
    assert found.left_minutes == 120


def test_without_a_cutoff_there_is_no_work_before_it() -> None:
    assert find_load(a_policy(cutoff=None, kinds=NO_LIFTS), NOON, 5, 1) is None


def test_a_shop_that_never_opens_has_no_cutoff() -> None:
    policy = a_policy(hours={"weekly": {"mon-sun": "closed"}})
    assert find_load(policy, NOON, 5, 1) is None


def test_what_must_be_begun_before_the_cutoff_is_what_it_lifts() -> None:
    assert cutoff_kinds(DEFAULT) == [Kind.SELF_ORDER]
    assert cutoff_kinds(a_policy(kinds=NO_LIFTS)) == []
    lift = [{"before_cutoff_minutes": 60, "stage": 610, "rule": "A15"}]
    assert cutoff_kinds(a_policy(kinds={"chat": {"escalations": lift}})) == [
        Kind.CHAT,
        Kind.SELF_ORDER,
    ]


def rush(waiting: int, operators: int, **parts: Any) -> float:
    policy = a_policy(**parts)
    found = find_load(policy, moscow("2026-06-10 09:00"), waiting, operators)
    assert found is not None
    return rush_minutes(policy, found)


@pytest.mark.parametrize(
    ("waiting", "operators", "minutes"),
    [
        (0, 0, 0),
        (15, 1, 0),  # 90 minutes, as long as the usual lift
        (16, 1, 105),  # 96 and 6 are 102
        (30, 2, 0),
        (31, 2, 105),
        (17, 1, 120),  # 102 and 6 are 108
        (19, 1, 120),  # 114 and 6 are 120 already
        (16, 0, 105),
        (100, 1, 615),
    ],
)
def test_work_begins_one_handling_earlier_than_needed_in_quarters_of_an_hour(
    waiting: int, operators: int, minutes: float
) -> None:
    assert rush(waiting, operators) == minutes


def test_without_a_lift_of_the_policy_any_work_is_a_rush() -> None:
    assert rush(1, 1, kinds=NO_LIFTS) == 15


@steady
@given(st.integers(0, 2000), st.integers(0, 50), st.floats(1, 1440))
def test_a_rush_is_enough_and_never_shorter_than_the_usual_lift(
    waiting: int, operators: int, before: float
) -> None:
    now = moscow("2026-06-10 12:00") - timedelta(minutes=before)
    load = find_load(DEFAULT, now, waiting, operators)
    assert load is not None
    minutes = rush_minutes(DEFAULT, load)
    assert minutes == 0 or minutes >= max(90, load.needed_minutes)
    assert max(90, minutes) >= load.needed_minutes
    assert 0 <= load.will_miss <= waiting
    assert load.will_miss == waiting or operators > 0


def first_lift(policy: Policy, now: datetime, minutes: float) -> datetime:
    rushed = Rush(moscow("2026-06-10 12:00"), minutes)
    situation = a_situation(kind=Kind.SELF_ORDER, received_at=now, rush=rushed)
    return stand(situation, policy, now).timeline[0].at


def test_a_rush_lifts_orders_by_that_much_earlier() -> None:
    now = moscow("2026-06-10 07:00")
    assert first_lift(DEFAULT, now, rush(31, 1)) == moscow("2026-06-10 08:45")
