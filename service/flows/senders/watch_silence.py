"""A source is silent although deliveries should come: tell its queue, and tell when they return.

It is silent when in business hours nothing came for three times its longest pause at the same hours
of the last 14 days. A sender whose webhook is switched off does not report that.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from service.hours.hours import Hours
from service.resources import Resources
from service.storage.database import Connection
from service.storage.queues.queue_events import QueueEvent, append_queue_event
from service.storage.senders.silence import Rhythm, rhythms_of, store_silence
from service.storage.senders.sources import Deliveries, StoredSource, deliveries_of, list_sources

log = structlog.get_logger()

SILENT, BACK = "source.silent", "source.back"
LOOKED_BACK = timedelta(days=14)
SHORTEST = 30  # business minutes
TIMES = 3
FEWEST = 10  # fewer deliveries do not show a sender's pauses
LOOK_EVERY = timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def watch_silence(resources: Resources) -> None:
    """Find sources that fell silent, and sources that are back; once a minute."""
    now = resources.clock.now()
    if not resources.stores.sources.is_due(now, LOOK_EVERY):
        return
    async with resources.stores.database.transaction() as connection:
        stored, counted = await list_sources(connection), await deliveries_of(connection)
        quiet = [item for item in stored if _is_quiet(item, counted.get(item.name), now)]
        names = [item.name for item in quiet if item.silent_since is None]
        rhythms = await rhythms_of(connection, names, now - LOOKED_BACK) if names else {}
    for item in stored:
        last_at = counted.get(item.name, Deliveries()).last_at
        if item.silent_since is not None and last_at is not None and last_at > item.silent_since:
            await _note_back(resources, item, last_at)
    for item in quiet:
        last_at = counted[item.name].last_at
        if item.name in rhythms and last_at is not None:
            await _look(resources, item, last_at, rhythms[item.name])


def _is_quiet(stored: StoredSource, counts: Deliveries | None, now: datetime) -> bool:
    last_at = None if counts is None else counts.last_at
    return last_at is not None and now - last_at >= timedelta(minutes=SHORTEST)


async def _look(
    resources: Resources, stored: StoredSource, last_at: datetime, rhythm: Rhythm
) -> None:
    """Report a quiet source if it is silent longer than it ever was."""
    now = resources.clock.now()
    hours = (await resources.stores.bases.of(stored.spec.queue)).policy.hours
    minutes, usual = hours.open_minutes(last_at, now), longest_pause(rhythm, last_at, now, hours)
    if usual is None or minutes < max(SHORTEST, TIMES * usual):
        return
    details = {"source": stored.name, "since": last_at, "usual_minutes": round(usual)}
    async with resources.stores.database.transaction() as connection:
        if await store_silence(connection, stored.name, last_at, before=None):
            await _note(connection, stored, SILENT, now, details)
            log.warning("source.silent", source=stored.name, since=last_at.isoformat())


async def _note_back(resources: Resources, stored: StoredSource, at: datetime) -> None:
    details = {"source": stored.name, "from": stored.silent_since, "to": at}
    async with resources.stores.database.transaction() as connection:
        if await store_silence(connection, stored.name, None, before=stored.silent_since):
            await _note(connection, stored, BACK, resources.clock.now(), details)
            log.info("source.back", source=stored.name)


async def _note(
    connection: Connection,
    stored: StoredSource,
    kind: str,
    at: datetime,
    details: Mapping[str, object],
) -> None:
    written = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in details.items()
    }
    event = QueueEvent(stored.spec.queue, kind, at, "nextlead", written)
    await append_queue_event(connection, event)


def longest_pause(rhythm: Rhythm, last_at: datetime, now: datetime, hours: Hours) -> float | None:
    """The longest pause in business minutes that touches the same hours as the silence.

    None while too few deliveries came to know the sender's pauses.
    """
    if rhythm.deliveries < FEWEST:
        return None
    zone = hours.timetable.zone
    of_silence = _hours_between(last_at, now, zone)
    same = [
        hours.open_minutes(before, at)
        for before, at in rhythm.pauses
        if of_silence & _hours_between(before, at, zone)
    ]
    return max(same) if same else max(_minutes(rhythm.pauses, hours), default=None)


def _minutes(pauses: Iterable[tuple[datetime, datetime]], hours: Hours) -> list[float]:
    return [hours.open_minutes(before, at) for before, at in pauses]


def _hours_between(start: datetime, end: datetime, zone: ZoneInfo) -> set[int]:
    """The hours of the day that a span touches."""
    if end - start >= DAY:
        return set(range(24))
    first = start.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    count = int((end - first) / HOUR) + 1
    return {(first + number * HOUR).hour for number in range(count)}
