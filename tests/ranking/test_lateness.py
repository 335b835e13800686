"""By when a lead must be taken, in the hours of the shop."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import NOON
from hypothesis import given
from ranking_builders import (
    DEFAULT,
    LEFT_OUT,
    a_need,
    a_policy,
    a_situation,
    moscow,
    situations,
    steady,
)

from service.leads.lead import Channel, Kind, RankingInput
from service.ranking.lateness import late_at
from service.ranking.rank import NOTHING_OBSERVED, rank_lead
from service.ranking.reranking import rank_parked
from service.rules.need import understand
from service.rules.policy import Policy

OPEN = a_policy(hours={"weekly": {"mon-fri": "09:00-18:00"}})
NO_CUTOFF = a_policy(cutoff=LEFT_OUT, kinds={"self_order": {"escalations": []}})


def minutes_until_late(policy: Policy = DEFAULT, **sent: Any) -> float | None:
    at = late_at(a_need(policy, **sent), policy)
    return None if at is None else (at - NOON) / timedelta(minutes=1)


@pytest.mark.parametrize(
    ("kind", "minutes"),
    [
        ("office", 5),
        ("phone", 1),
        ("chat", 10),
        ("self_order", 60),
        ("offline", 480),
        ("registration", 1440),
        ("task", None),
    ],
)
def test_a_kind_is_late_after_its_minutes(kind: str, minutes: float | None) -> None:
    assert minutes_until_late(NO_CUTOFF, kind=Kind(kind), live=True) == minutes


def test_where_the_policy_says_nothing_nobody_is_late() -> None:
    silent = a_policy(kinds={"chat": {"late_minutes": LEFT_OUT}})
    assert minutes_until_late(silent, kind=Kind.CHAT) is None


@pytest.mark.parametrize(
    ("received", "late"),
    [
        ("2026-06-10 10:00", "2026-06-10 11:00"),
        ("2026-06-10 11:30", "2026-06-10 12:00"),
        ("2026-06-10 12:30", "2026-06-10 13:30"),
    ],
)
def test_an_order_is_late_at_the_cutoff_if_that_is_sooner(received: str, late: str) -> None:
    need = a_need(channel=Channel.SITE_ORDER, received_at=moscow(received))
    assert late_at(need, DEFAULT) == moscow(late)


def test_an_order_without_minutes_is_late_at_the_cutoff() -> None:
    silent = a_policy(kinds={"self_order": {"late_minutes": LEFT_OUT}})
    for received, late in (
        ("2026-06-10 10:00", "2026-06-10 12:00"),
        ("2026-06-10 12:30", "2026-06-11 12:00"),
    ):
        need = a_need(silent, channel=Channel.SITE_ORDER, received_at=moscow(received))
        assert late_at(need, silent) == moscow(late)
    no_cutoff = a_policy(
        cutoff=LEFT_OUT, kinds={"self_order": {"escalations": [], "late_minutes": LEFT_OUT}}
    )
    assert minutes_until_late(no_cutoff, kind=Kind.SELF_ORDER) is None


@pytest.mark.parametrize(
    ("received", "late"),
    [
        ("2026-06-10 17:58", "2026-06-11 09:03"),
        ("2026-06-12 20:00", "2026-06-15 09:05"),
    ],
)
def test_only_open_hours_count(received: str, late: str) -> None:
    need = a_need(OPEN, channel=Channel.WALK_IN, live=True, received_at=moscow(received))
    assert late_at(need, OPEN) == moscow(late)


def promised(at: datetime, **sent: Any) -> RankingInput:
    existing = a_situation(**sent)
    return RankingInput(existing.signal, existing.asked_at, callback_due=True, promised_at=at)


def test_a_promised_call_is_late_ten_minutes_after_the_promise() -> None:
    need = understand(promised(NOON + timedelta(hours=3)), DEFAULT)
    assert late_at(need, DEFAULT) == NOON + timedelta(hours=3, minutes=10)


def test_a_promise_that_is_out_of_hours_is_kept_when_the_shop_opens() -> None:
    need = understand(promised(moscow("2026-06-10 19:00")), OPEN)
    assert late_at(need, OPEN) == moscow("2026-06-11 09:10")


def test_who_is_parked_until_a_time_is_late_after_it() -> None:
    until = NOON + timedelta(days=1)
    ranking = rank_parked(a_situation(), DEFAULT, until, NOTHING_OBSERVED)
    assert ranking.late_at == until + timedelta(minutes=10)


@steady
@given(situations)
def test_lateness_does_not_depend_on_the_present(situation: RankingInput) -> None:
    need = understand(situation, DEFAULT)
    at = late_at(need, DEFAULT)
    begins = situation.promised_at or situation.signal.received_at
    assert at is None or at > begins
    for hours in (0, 1, 1000):
        now = max(begins, NOON) + timedelta(hours=hours)
        assert rank_lead(situation, DEFAULT, now).late_at == at
