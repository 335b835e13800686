"""Show how leads are shared among operators; nothing changes."""

from datetime import datetime, timedelta

from service.leads.errors import FieldMistake, InvalidRequest
from service.resources import Resources
from service.storage.operators.operator_stats import OperatorStats, Window
from service.storage.operators.operators import Queue

USUAL = timedelta(hours=24)
LONGEST = timedelta(days=31)


async def view_operator_stats(
    resources: Resources, name: str, since: datetime | None, until: datetime | None
) -> tuple[Queue, OperatorStats]:
    """Return what the operators of a queue were offered in a window, and the results.

    Without a beginning the window is the last 24 hours. Raises QueueNotFound. Raises InvalidRequest
    for a window that is empty or longer than 31 days.
    """
    queue, now = await resources.stores.directory.queue(name), resources.clock.now()
    window = _window(name, since, until, now)
    found = await resources.stores.operator_statistics.of((since, until), window, now)
    return queue, found


def _window(name: str, since: datetime | None, until: datetime | None, now: datetime) -> Window:
    end = until or now
    try:
        window = Window(name, since or end - USUAL, end)
    except OverflowError as error:
        raise _wrong("until", "it is too long ago", "Give a time of our age.") from error
    if window.since >= window.until:
        raise _wrong("since", "it is not before `until`", "Give an earlier time.")
    if window.until - window.since > LONGEST:
        raise _wrong("since", "it is more than 31 days before `until`", "Ask for a shorter time.")
    return window


def _wrong(field: str, reason: str, remedy: str) -> InvalidRequest:
    return InvalidRequest([FieldMistake(field, reason, remedy)])
