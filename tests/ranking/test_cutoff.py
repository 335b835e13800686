"""Whether everything can be done before the cut-off, and when it must begin: by hand."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import NOON
from hypothesis import given
from hypothesis import strategies as st
from ranking_builders import DEFAULT, a_policy, a_situation, moscow, steady

from service.leads.lead import EarlyStart, Kind
from service.ranking.cutoff import (
    Load,
    OperatorLoad,
    cutoff_kinds,
    find_load,
    is_at_risk,
    rush_minutes,
)
from service.ranking.rank import rank_lead
from service.rules.policy import Policy

NO_LIFTS = {"self_order": {"escalations": []}}
SHOP = {"weekly": {"mon-fri": "09:00-19:00"}}


def load_at(text: str, waiting: int, operators: int, **parts: Any) -> Load:
    found = find_load(a_policy(**parts), moscow(text), waiting, [OperatorLoad()] * operators)
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
    assert find_load(a_policy(cutoff=None, kinds=NO_LIFTS), NOON, 5, [OperatorLoad()]) is None


def test_a_shop_that_never_opens_has_no_cutoff() -> None:
    policy = a_policy(hours={"weekly": {"mon-sun": "closed"}})
    assert find_load(policy, NOON, 5, [OperatorLoad()]) is None


def test_what_must_be_begun_before_the_cutoff_is_what_it_lifts() -> None:
    assert cutoff_kinds(DEFAULT) == [Kind.SELF_ORDER]
    assert cutoff_kinds(a_policy(kinds=NO_LIFTS)) == []
    lift = [{"before_cutoff_minutes": 60, "stage": 610, "rule": "A15"}]
    assert cutoff_kinds(a_policy(kinds={"chat": {"escalations": lift}})) == [
        Kind.CHAT,
        Kind.SELF_ORDER,
    ]


def held(minutes_ago: float, holds: int = 1) -> OperatorLoad:
    return OperatorLoad(holds, moscow("2026-06-10 11:00") - timedelta(minutes=minutes_ago))


@pytest.mark.parametrize(
    ("waiting", "on_shift", "needed", "missed"),
    [
        pytest.param(10, [held(0)], 66, 1, id="just taken"),
        pytest.param(9, [held(2)], 58, 0, id="4 minutes to go"),
        pytest.param(10, [held(6)], 60, 0, id="done at any moment"),
        pytest.param(10, [held(30)], 60, 0, id="overdue, but no longer than until now"),
        pytest.param(5, [held(2, holds=5)], 58, 0, id="four more in hand"),
        pytest.param(2, [held(2), held(4)], 10, 0, id="each goes on when he is free"),
        pytest.param(3, [held(0, holds=9), OperatorLoad()], 18, 0, id="the other does it all"),
        pytest.param(12, [held(0, holds=10), OperatorLoad()], 66, 2, id="one is busy to the end"),
    ],
)
def test_who_holds_some_is_busy_with_it(
    waiting: int, on_shift: list[OperatorLoad], needed: float, missed: int
) -> None:
    found = find_load(DEFAULT, moscow("2026-06-10 11:00"), waiting, on_shift)
    assert found is not None
    assert (found.operators, found.needed_minutes) == (len(on_shift), pytest.approx(needed))
    assert found.will_miss == missed


busy = st.builds(held, st.floats(0, 60), st.integers(1, 20)) | st.just(OperatorLoad())


@steady
@given(st.integers(0, 300), st.lists(busy, min_size=1, max_size=12), st.floats(0, 1440))
def test_none_is_missed_exactly_if_the_needed_time_is_left(
    waiting: int, on_shift: list[OperatorLoad], before: float
) -> None:
    now = moscow("2026-06-10 12:00") - timedelta(minutes=before)
    load = find_load(DEFAULT, now, waiting, on_shift)
    assert load is not None
    assert 0 <= load.will_miss <= waiting
    if abs(load.needed_minutes - load.left_minutes) > 0.001:
        assert (load.will_miss == 0) == (load.needed_minutes < load.left_minutes)


def rush(text: str, waiting: int, operators: int, **parts: Any) -> float:
    policy, now = a_policy(**parts), moscow(f"2026-06-{text}")
    found = find_load(policy, now, waiting, [OperatorLoad()] * operators)
    assert found is not None
    return rush_minutes(policy, found, now)


@pytest.mark.parametrize(
    ("now", "waiting", "operators", "minutes"),
    [
        pytest.param("10 10:18", 16, 1, 105, id="96 and 6 are left"),
        pytest.param("10 10:17:59", 16, 1, 0, id="there is time yet"),
        pytest.param("10 10:18", 15, 1, 0, id="90 minutes, as long as the usual lift"),
        pytest.param("10 10:18", 31, 2, 105, id="two operators"),
        pytest.param("10 10:06", 18, 1, 120, id="in quarters of an hour"),
        pytest.param("10 10:00", 19, 1, 120, id="a quarter exactly"),
        pytest.param("10 10:18", 16, 0, 0, id="nobody to hurry"),
        pytest.param("10 10:18", 0, 1, 0, id="nothing to do"),
        pytest.param("10 09:00", 1000, 1, 180, id="more than can be done"),
        pytest.param("10 10:30", 1000, 1, 0, id="lifted anyway"),
        pytest.param("09 20:00", 200, 1, 960, id="all night long"),
    ],
)
def test_work_begins_one_handling_earlier_than_needed(
    now: str, waiting: int, operators: int, minutes: float
) -> None:
    assert rush(now, waiting, operators) == minutes


def test_only_open_hours_are_time_to_work() -> None:
    # 40 orders take 240 minutes, 180 of which are this morning.
    assert rush("09 17:53", 40, 1, hours=SHOP) == 0
    assert rush("09 17:54", 40, 1, hours=SHOP) == 18.25 * 60
    assert rush("05 17:54", 40, 1, hours=SHOP) == (48 + 18.25) * 60


def test_a_break_shortens_the_usual_lift() -> None:
    hours = {"weekly": {"mon-sun": ["09:00-11:00", "11:30-19:00"]}}
    assert rush("10 10:18", 10, 1, hours=hours) == 0
    assert rush("10 10:18", 11, 1, hours=hours) == 105


def test_every_kind_is_lifted_early_enough() -> None:
    late = [{"before_cutoff_minutes": 30, "stage": 610, "rule": "A15"}]
    assert rush("10 11:18", 6, 1, kinds={"chat": {"escalations": late}}) == 45


def at_risk(text: str, waiting: int, operators: int, **parts: Any) -> bool:
    load = load_at(f"2026-06-{text}", waiting, operators, **parts)
    return is_at_risk(a_policy(**parts), load, moscow(f"2026-06-{text}"))


def test_what_cannot_be_done_is_a_risk() -> None:
    assert at_risk("10 11:00", 21, 2)
    assert not at_risk("10 11:00", 20, 2)


def test_with_nobody_there_it_is_one_when_one_would_be_too_late() -> None:
    assert not at_risk("10 11:00", 10, 0)
    assert at_risk("10 11:01", 10, 0)


def test_nobody_is_expected_at_night() -> None:
    assert not at_risk("09 20:00", 100, 0, hours=SHOP)
    assert at_risk("09 20:00", 100, 1, hours=SHOP)
    assert at_risk("10 09:00", 100, 0, hours=SHOP)


def first_lift(policy: Policy, now: datetime, minutes: float) -> datetime:
    rushed = EarlyStart(moscow("2026-06-10 12:00"), minutes)
    situation = a_situation(kind=Kind.SELF_ORDER, received_at=now, rush=rushed)
    return rank_lead(situation, policy, now).timeline[0].at


def test_a_rush_lifts_orders_by_that_much_earlier() -> None:
    now = moscow("2026-06-10 07:00")
    assert first_lift(DEFAULT, now, 195) == moscow("2026-06-10 08:45")
