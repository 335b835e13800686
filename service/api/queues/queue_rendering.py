"""Queues and their figures as JSON, in the shapes of `queue_answers.py`."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from service.api.leads.lead_rendering import money
from service.flows.line.view_queues import QueueStanding
from service.flows.line.view_targets import Attendance
from service.flows.policies.view_conversion import Conversion, Estimate
from service.ranking.cutoff import Load
from service.rules.targets import Judged
from service.storage.operators.operators import Queue
from service.storage.queues.queue_events import QueueEvent


def queue(item: Queue) -> dict[str, Any]:
    """A queue."""
    return asdict(item)


def stats(standing: QueueStanding) -> dict[str, Any]:
    """The present state of a queue."""
    of, found = standing.queue, standing.stats
    waiting = [
        {
            "kind": item.kind,
            "stage": item.stage,
            "depth": item.depth,
            "oldest_wait_seconds": _seconds(item.oldest, found.at),
            "cost_per_minute": money(item.cost_per_minute),
        }
        for item in found.waiting
    ]
    return {
        "queue": of.name,
        "at": found.at,
        "currency": of.currency,
        "waiting": {
            "depth": found.depth,
            "oldest_wait_seconds": _wait(found.oldest, found.at),
            "cost_per_minute": money(found.cost_per_minute),
            "by_kind": waiting,
        },
        "claimed": found.claimed,
        "parked": found.parked,
        "late": found.late,
        "served_last_hour": found.served_last_hour,
        "live": {
            "waiting": found.live,
            "longest_wait_seconds": _wait(found.live_since, found.at),
        },
        "presence": _presence(standing.attendance),
        "targets": [_target(item) for item in standing.targets],
        "last_24_hours": {**found.day, "amount": money(found.day["amount"])},
        "operators": [{"name": name, "holding": n} for name, n in found.operators.items()],
        "cutoff": None if found.cutoff is None else _cutoff(found.cutoff),
        "unstaffed": standing.unstaffed,
        "retention": standing.kept,
    }


def _presence(attendance: Attendance) -> dict[str, int]:
    return {
        "on_shift": attendance.on_shift,
        "free": attendance.free,
        "on_break": attendance.on_break,
    }


def _target(item: Judged) -> dict[str, Any]:
    return {
        "figure": item.figure,
        "bound": "at_least" if item.at_least else "at_most",
        "target": item.target,
        "value": None if item.value is None else round(item.value, 4),
        "met": item.met,
    }


def conversion(of: str, found: Conversion) -> dict[str, Any]:
    """A queue's chances and how well they predicted."""
    return {
        "queue": of,
        "policy_version": found.policy_version,
        "learning": asdict(found.learning),
        "chances": [
            _estimate(estimate, found.learning.prior_weight) for estimate in found.estimates
        ],
        "calibration": [asdict(item) for item in found.calibration],
    }


def queue_event(event: QueueEvent) -> dict[str, Any]:
    """An event of a queue."""
    return {
        "id": event.id,
        "at": event.at,
        "type": event.type,
        "actor": event.actor,
        "details": event.details,
    }


def _cutoff(load: Load) -> dict[str, Any]:
    return {
        "at": load.cutoff_at,
        "waiting": load.waiting,
        "operators_on_shift": load.operators,
        "handling_minutes": load.handling_minutes,
        "needed_minutes": round(load.needed_minutes, 3),
        "left_minutes": round(load.left_minutes, 3),
        "will_miss": load.will_miss,
    }


def _estimate(estimate: Estimate, prior_weight: float) -> dict[str, Any]:
    return {
        "kind": estimate.kind,
        "intent": estimate.intent,
        "prior": estimate.prior,
        "prior_weight": prior_weight,
        "observed": asdict(estimate.outcomes),
        "posterior": asdict(estimate.posterior),
        "chance": estimate.chance,
    }


def _wait(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else _seconds(since, now)


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, round((now - since).total_seconds(), 3))
