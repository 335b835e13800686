"""When an event is sent again that its receiver did not take. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# After the first try, the n-th again so long after it; then the event is dead.
AFTER_FIRST = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)),
    *(timedelta(hours=5), timedelta(hours=10), timedelta(hours=14), timedelta(hours=20)),
    timedelta(hours=24),
)
MAX_TRIES = 1 + len(AFTER_FIRST)
JITTER = 0.1  # of the wait, so that what failed together does not come again together
SLOW_DOWN = frozenset({429, 502, 503, 504})
GONE = 410
SHORTEST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=24)


def next_try(
    attempts: int, first_tried_at: datetime, now: datetime, luck: float
) -> datetime | None:
    """When to try again after so many attempts; None when it was the last.

    `luck` within 0 and 1 picks the jitter.
    """
    if attempts >= MAX_TRIES:
        return None
    wait = first_tried_at + AFTER_FIRST[attempts - 1] - now
    return now + max(wait, AFTER_FIRST[0]) * (1 + JITTER * luck)


def pause(status: int, retry_after: str | None, now: datetime) -> timedelta | None:
    """For how long a receiver wants nothing after such an answer; None when it goes on.

    `Retry-After` is believed, up to a day; whoever is overloaded without it gets half a minute.
    """
    if status not in SLOW_DOWN:
        return None
    given = _given(retry_after, now)
    return SHORTEST_PAUSE if given is None else max(timedelta(0), min(given, LONGEST_PAUSE))


def _given(retry_after: str | None, now: datetime) -> timedelta | None:
    """Seconds, or a date as HTTP writes it."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=int(text[:9]))
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError):
        return None
    return (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
