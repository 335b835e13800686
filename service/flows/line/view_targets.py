"""Show who is at work in a queue, and its figures beside their targets; nothing changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.flows.operators.view_operators import AtWork, view_operators
from service.leads.operator import Presence
from service.resources import Resources
from service.rules.policy import Policy
from service.rules.targets import Figure, Judged, judged
from service.storage.queues.stats import Stats

HOUR = timedelta(hours=1)
SOLD_OR_NOT = ("won", "lost", "cancelled")


@dataclass(frozen=True, slots=True)
class Attendance:
    """The operators of a queue, with their presence."""

    people: Sequence[AtWork]

    @property
    def free(self) -> int:
        """How many are on shift and can take a lead."""
        return sum(
            item.presence is Presence.ONLINE and item.holding < item.operator.capacity
            for item in self.people
        )

    @property
    def on_break(self) -> int:
        """How many are on a break, or silent."""
        return sum(item.presence in (Presence.BREAK, Presence.AWAY) for item in self.people)

    @property
    def on_shift(self) -> int:
        """How many are not off shift."""
        return sum(item.presence is not Presence.OFFLINE for item in self.people)


async def view_attendance(resources: Resources, queue: str) -> Attendance:
    """Who works in a queue."""
    everybody = await view_operators(resources)
    return Attendance([item for item in everybody if queue in item.operator.queues])


async def view_targets(
    resources: Resources, queue: str, stats: Stats, attendance: Attendance
) -> Sequence[Judged]:
    """The figures of a queue that its policy has a target for; raises QueueNotFound."""
    policy = (await resources.stores.bases.of(queue)).policy
    return judged(policy.targets, _values(stats, attendance, policy))


def _values(stats: Stats, attendance: Attendance, policy: Policy) -> Mapping[Figure, float | None]:
    """The figures; None where there is nothing to judge, such as free people at night."""
    day, now = stats.day, stats.at
    is_open = policy.hours.is_open(now)
    open_for_an_hour = is_open and policy.hours.open_minutes(now - HOUR, now) >= 60
    there, ended = stats.depth + stats.claimed, sum(day[name] for name in SOLD_OR_NOT)
    median, most = day["first_answer_median_seconds"], day["first_answer_90_percent_seconds"]
    waited = 0.0 if stats.oldest is None else policy.hours.open_minutes(stats.oldest, now)
    return {
        Figure.LIVE_SECONDS: _seconds(stats.live_since, now),
        Figure.LATE: stats.late,
        Figure.LATE_SHARE: stats.late / there if there else 0.0,
        Figure.WAITING: stats.depth,
        Figure.LONGEST_MINUTES: waited,
        Figure.COST_PER_MINUTE: stats.cost_per_minute,
        Figure.FREE: attendance.free if is_open else None,
        Figure.FIRST_ANSWER_MEDIAN_MINUTES: None if median is None else median / 60,
        Figure.FIRST_ANSWER_90_PERCENT_MINUTES: None if most is None else most / 60,
        Figure.SERVED_PER_HOUR: stats.served_last_hour if open_for_an_hour else None,
        Figure.CONVERSION: day["won"] / ended if ended else None,
    }


def _seconds(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
