"""Show what a queue did, by the hour or day of its own zone; nothing changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain, groupby
from typing import Literal
from zoneinfo import ZoneInfo

from service.leads.errors import FieldMistake, InvalidRequest
from service.leads.lead import Kind
from service.leads.wait_counts import added
from service.resources import Resources
from service.storage.operators.operators import Queue
from service.storage.queues.history import HourFigures, count_hour, history_of

Step = Literal["hour", "day"]
LONGEST = {"hour": timedelta(days=31), "day": timedelta(days=366)}
USUAL = {"hour": timedelta(days=2), "day": timedelta(days=31)}
HOUR = timedelta(hours=1)
SUMS = (
    *("received", "served", "first_answers_known", "settled"),
    *("won", "lost", "cancelled", "no_answer", "answered"),
)


@dataclass(frozen=True, slots=True)
class History:
    """A queue's steps by kind, in the queue's zone, oldest first."""

    queue: Queue
    step: Step
    points: Sequence[HourFigures]


async def view_history(
    resources: Resources, name: str, step: Step, since: datetime | None
) -> History:
    """What a queue did since a moment, in whole steps; raises QueueNotFound and InvalidRequest."""
    queue, now = await resources.stores.directory.queue(name), resources.clock.now()
    since = now - USUAL[step] if since is None else since
    if since < now - LONGEST[step]:
        days = LONGEST[step].days
        remedy = f"Send a moment of the last {days} days, or another step."
        raise InvalidRequest([FieldMistake("since", "it is too long ago", remedy)])
    zone = ZoneInfo(queue.time_zone)
    begins = _begin(since, zone, step)
    found = await _with_last_hours(resources, name, begins, now, zone)
    return History(queue, step, _steps(found, zone, step))


async def _with_last_hours(
    resources: Resources, name: str, since: datetime, now: datetime, zone: ZoneInfo
) -> Sequence[HourFigures]:
    """The counted hours; the present one and the one before are counted now."""
    database, present = resources.stores.database, _begin(now, zone, "hour").astimezone(UTC)
    hours = [begins for begins in (present - HOUR, present) if begins >= since]
    counted = await history_of(database, name, since)
    recent = [await count_hour(database, name, begins, begins + HOUR) for begins in hours]
    return [hour for hour in counted if hour.hour < present - HOUR] + [*chain(*recent)]


def _begin(moment: datetime, zone: ZoneInfo, step: Step) -> datetime:
    """The beginning of the step that contains a moment."""
    here = moment.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    return here.replace(hour=0, fold=0) if step == "day" else here


def _steps(found: Sequence[HourFigures], zone: ZoneInfo, step: Step) -> list[HourFigures]:
    def key(of: HourFigures) -> tuple[float, Kind]:
        return _begin(of.hour, zone, step).timestamp(), of.kind

    groups = groupby(sorted(found, key=key), key=key)
    return [_sum(list(group), zone, step) for _, group in groups]


def _sum(hours: Sequence[HourFigures], zone: ZoneInfo, step: Step) -> HourFigures:
    first = hours[0]
    sums = {name: sum(getattr(hour, name) for hour in hours) for name in SUMS}
    return HourFigures(
        _begin(first.hour, zone, step),
        first.kind,
        waits=added(hour.waits for hour in hours),
        amount=sum((hour.amount for hour in hours), Decimal(0)),
        **sums,
    )
