"""When an event is sent again, and for how long a receiver is left alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from service.leads.retries import (
    AFTER_FIRST,
    LONGEST_PAUSE,
    MAX_TRIES,
    SHORTEST_PAUSE,
    next_try,
    pause,
)

NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)


def test_the_schedule_is_that_of_standard_webhooks() -> None:
    after = [timedelta(0)]
    while (again := next_try(len(after), NOW, NOW + after[-1], luck=0)) is not None:
        after.append(again - NOW)
    minutes = [round(item.total_seconds() / 60, 2) for item in after]
    assert minutes == [0, 0.08, 5, 30, 120, 300, 600, 840, 1200, 1440]
    assert len(after) == MAX_TRIES


@given(luck=some.floats(0, 1), attempts=some.integers(1, MAX_TRIES - 1))
@settings(max_examples=50, deadline=None)
def test_the_jitter_only_delays_and_by_a_tenth_at_most(luck: float, attempts: int) -> None:
    again = next_try(attempts, NOW, NOW, luck)
    assert again is not None
    assert AFTER_FIRST[attempts - 1] <= again - NOW <= AFTER_FIRST[attempts - 1] * 1.1


def test_who_was_long_under_way_is_not_tried_at_once() -> None:
    again = next_try(1, NOW, NOW + timedelta(hours=3), luck=0)
    assert again == NOW + timedelta(hours=3, seconds=5)


@pytest.mark.parametrize(
    ("status", "sent", "wait"),
    [
        (429, "120", timedelta(minutes=2)),
        (503, " 7 ", timedelta(seconds=7)),
        (502, None, SHORTEST_PAUSE),
        (504, "soon", SHORTEST_PAUSE),
        (429, "-5", SHORTEST_PAUSE),
        (429, "٣", SHORTEST_PAUSE),
        (429, "9" * 400, LONGEST_PAUSE),
        (429, "Wed, 10 Jun 2026 09:10:00 GMT", timedelta(minutes=10)),
        (429, "Wed, 10 Jun 2026 09:10:00 -0000", timedelta(minutes=10)),
        (429, "Wed, 10 Jun 2020 09:10:00 GMT", timedelta(0)),
        (429, "Wed, 10 Jun 9999 09:10:00 GMT", LONGEST_PAUSE),
        (500, "120", None),
        (404, None, None),
    ],
)
def test_a_pause_is_as_long_as_was_said(
    status: int, sent: str | None, wait: timedelta | None
) -> None:
    assert pause(status, sent, NOW) == wait


@given(sent=some.text(max_size=60) | some.from_regex(r"\w{3}, \d+ Jun \d+ \d+:\d+:\d+ [+-]\d+"))
@settings(max_examples=200, deadline=None)
def test_whatever_a_receiver_says_is_a_pause_of_a_day_at_most(sent: str) -> None:
    wait = pause(429, sent, NOW)
    assert wait is not None
    assert timedelta(0) <= wait <= LONGEST_PAUSE
