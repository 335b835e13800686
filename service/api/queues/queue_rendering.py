"""Queues and their figures as JSON, in the shapes of `queue_answers.py`."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from service.api.leads.lead_rendering import money
from service.flows.line.view_queues import QueueStanding
from service.flows.policies.view_conversion import Conversion, Estimate
from service.ranking.cutoff import Load
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
    oldest = min((item.oldest for item in found.waiting), default=None)
    return {
        "queue": of.name,
        "at": found.at,
        "currency": of.currency,
        "waiting": {
            "depth": sum(item.depth for item in found.waiting),
            "oldest_wait_seconds": None if oldest is None else _seconds(oldest, found.at),
            "cost_per_minute": money(sum(item.cost_per_minute for item in found.waiting)),
            "by_kind": waiting,
        },
        "claimed": found.claimed,
        "parked": found.parked,
        "late": found.late,
        "last_24_hours": {**found.day, "amount": money(found.day["amount"])},
        "operators": [{"name": name, "holding": n} for name, n in found.operators.items()],
        "cutoff": None if found.cutoff is None else _cutoff(found.cutoff),
        "unstaffed": standing.unstaffed,
        "retention": standing.kept,
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


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, round((now - since).total_seconds(), 3))
