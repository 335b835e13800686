"""How long a source pauses at the same hours, by which its silence is known."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from service.flows.senders.watch_silence import longest_pause
from service.hours.hours import around_the_clock
from service.storage.senders.silence import Rhythm

HOURS = around_the_clock(ZoneInfo("Asia/Vladivostok"))
NOON = datetime(2026, 11, 20, 2, tzinfo=UTC)  # 12:00 there


def pause(days_ago: int, hour: int, minutes: int) -> tuple[datetime, datetime]:
    start = NOON - timedelta(days=days_ago) + timedelta(hours=hour)
    return start, start + timedelta(minutes=minutes)


def longest(*pauses: tuple[datetime, datetime], deliveries: int = 50) -> float | None:
    rhythm = Rhythm(deliveries, list(pauses))
    return longest_pause(rhythm, NOON, NOON + timedelta(minutes=50), HOURS)


def test_only_pauses_at_the_same_hours_count() -> None:
    assert longest(pause(3, 0, 12), pause(5, 0, 25), pause(2, 6, 300)) == 25


def test_a_pause_that_ends_at_these_hours_counts() -> None:
    assert longest(pause(3, -2, 150), pause(4, 0, 11)) == 150


def test_without_one_at_these_hours_all_count() -> None:
    assert longest(pause(3, 6, 40), pause(4, 9, 70)) == 70


def test_of_too_few_deliveries_nothing_is_known() -> None:
    assert longest(pause(3, 0, 12), deliveries=9) is None
    assert longest() is None
