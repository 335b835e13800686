"""Show what a queue has done today beside the same hours of earlier days; nothing changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from service.flows.line.view_history import view_history
from service.leads.wait_counts import added, wait_at
from service.resources import Resources
from service.storage.queues.history import HourFigures

WEEKS = 4
DAY = timedelta(days=1)
BACK = timedelta(weeks=WEEKS)
HOURS = 24


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The figures of some hours of a day, or their mean over several days; None: there are none."""

    received: float
    served: float
    won: float
    amount: float
    first_answer_seconds: float | None
    conversion: float | None


@dataclass(frozen=True, slots=True)
class Trends:
    """Today until the last full hour, beside the same hours of earlier days.

    `usual` is the mean of the same weekday in the last four weeks, of the days on which something
    came in. The hours hold what came in, `today_hours` until `until`.
    """

    until: datetime
    today: DayFigures
    yesterday: DayFigures | None
    usual: DayFigures | None
    usual_days: int
    today_hours: Sequence[float]
    usual_hours: Sequence[float]


async def view_trends(resources: Resources, queue: str) -> Trends | None:
    """The trends of a queue, read at most twice a minute. Raises QueueNotFound.

    None in the first hour of a day, and while nothing came in on any day.
    """
    zone = ZoneInfo((await resources.stores.directory.queue(queue)).time_zone)
    now = resources.clock.now().astimezone(zone)
    if not now.hour:
        return None
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0)

    async def read() -> Sequence[HourFigures]:
        return (await view_history(resources, queue, "hour", begin - BACK)).points

    points = await resources.stores.recent_hours.of(queue, now, read)
    found = _trends(points, now)
    is_bare = found.yesterday is None and found.usual is None and not found.today.received
    return None if is_bare else found


def _trends(points: Sequence[HourFigures], now: datetime) -> Trends:
    days: dict[date, list[HourFigures]] = {}
    for point in points:
        days.setdefault(point.hour.date(), []).append(point)
    earlier = [days.get(now.date() - week * 7 * DAY) for week in range(1, WEEKS + 1)]
    usual = [day for day in earlier if day]
    yesterday = days.get(now.date() - DAY)
    return Trends(
        until=now.replace(minute=0, second=0, microsecond=0),
        today=_figures(days.get(now.date(), ()), now.hour, 1),
        yesterday=_figures(yesterday, now.hour, 1) if yesterday else None,
        usual=_figures(chain(*usual), now.hour, len(usual)) if usual else None,
        usual_days=len(usual),
        today_hours=_by_hour([days.get(now.date(), [])])[: now.hour],
        usual_hours=_by_hour(usual) if usual else (),
    )


def _figures(points: Iterable[HourFigures], until: int, days: int) -> DayFigures:
    """The figures of the hours before `until`, for each day."""
    counted = [point for point in points if point.hour.hour < until]
    won = sum(point.won for point in counted)
    ended = won + sum(point.lost + point.cancelled for point in counted)
    return DayFigures(
        received=sum(point.received for point in counted) / days,
        served=sum(point.served for point in counted) / days,
        won=won / days,
        amount=float(sum(point.amount for point in counted)) / days,
        first_answer_seconds=wait_at(added(point.waits for point in counted), 0.5),
        conversion=won / ended if ended else None,
    )


def _by_hour(days: Sequence[Sequence[HourFigures]]) -> list[float]:
    """What came in, by the hour of the day, as a mean of the days."""
    hours = [0.0] * HOURS
    for point in (point for day in days for point in day):
        hours[point.hour.hour] += point.received / len(days)
    return hours
