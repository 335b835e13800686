"""When to send an event again that its receiver did not accept. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# The n-th retry comes so long after the first try; after the last one the event is dead.
AFTER_FIRST = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)),
    *(timedelta(hours=5), timedelta(hours=10), timedelta(hours=14), timedelta(hours=20)),
    timedelta(hours=24),
)
MAX_TRIES = 1 + len(AFTER_FIRST)
JITTER = 0.1  # of the wait, so that events that failed together are not retried together
SLOW_DOWN = frozenset({429, 502, 503, 504})
GONE = 410
SHORTEST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=24)


def next_try(
    attempts: int, first_tried_at: datetime, now: datetime, luck: float
) -> datetime | None:
    """The time of the next try after `attempts` tries; None when that was the last one.

    `luck` between 0 and 1 picks the jitter.
    """
    if attempts >= MAX_TRIES:
        return None
    wait = first_tried_at + AFTER_FIRST[attempts - 1] - now
    return now + max(wait, AFTER_FIRST[0]) * (1 + JITTER * luck)


def pause(status: int, retry_after: str | None, now: datetime) -> timedelta | None:
    """How long to send nothing to a receiver after this answer; None when sending goes on.

    `Retry-After` counts, up to a day. An overloaded receiver without it gets half a minute.
    """
    if status not in SLOW_DOWN:
        return None
    given = _given(retry_after, now)
    return SHORTEST_PAUSE if given is None else max(timedelta(0), min(given, LONGEST_PAUSE))


def _given(retry_after: str | None, now: datetime) -> timedelta | None:
    """The wait of a `Retry-After` header: seconds, or a date in the form of HTTP."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=int(text[:9]))
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError):
        return None
    return (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
