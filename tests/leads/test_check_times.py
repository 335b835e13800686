"""Which times a signal may carry: it came already, and what it wants is not for another age."""

from datetime import UTC, datetime, timedelta

import pytest
from builders import NOON, a_signal

from service.leads.errors import InvalidRequest
from service.leads.lead import Signal
from service.leads.times import check_times

A_MOMENT = timedelta(microseconds=1)
YEAR_2000 = datetime(2000, 1, 1, tzinfo=UTC)
SKEWED = NOON + timedelta(minutes=5)
FARTHEST = NOON + timedelta(days=5 * 365)


def mistaken_fields(signal: Signal) -> list[str]:
    try:
        check_times(signal, NOON)
    except InvalidRequest as error:
        return [mistake.field for mistake in error.mistakes]
    return []


@pytest.mark.parametrize("received_at", [YEAR_2000, NOON, SKEWED])
def test_a_signal_came_in_this_century_or_a_few_minutes_ahead(received_at: datetime) -> None:
    assert mistaken_fields(a_signal(received_at=received_at)) == []


@pytest.mark.parametrize("received_at", [YEAR_2000 - A_MOMENT, SKEWED + A_MOMENT])
def test_a_signal_of_another_age_or_of_the_future_is_refused(received_at: datetime) -> None:
    assert mistaken_fields(a_signal(received_at=received_at)) == ["received_at"]


@pytest.mark.parametrize("needed_by", [None, YEAR_2000, NOON, FARTHEST])
def test_a_need_may_be_overdue_or_years_off(needed_by: datetime | None) -> None:
    assert mistaken_fields(a_signal(needed_by=needed_by)) == []


@pytest.mark.parametrize("needed_by", [YEAR_2000 - A_MOMENT, FARTHEST + A_MOMENT])
def test_a_need_of_another_age_is_refused(needed_by: datetime) -> None:
    assert mistaken_fields(a_signal(needed_by=needed_by)) == ["needed_by"]


def test_both_times_are_reported_together() -> None:
    signal = a_signal(received_at=SKEWED + A_MOMENT, needed_by=FARTHEST + A_MOMENT)
    assert mistaken_fields(signal) == ["received_at", "needed_by"]


def test_a_time_may_be_said_in_any_zone() -> None:
    signal = a_signal(received_at=datetime.fromisoformat("2026-06-10T15:05:00+03:00"))
    assert mistaken_fields(signal) == []
