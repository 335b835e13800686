"""Queues and how they stand as JSON; the shapes are those of `queue_answers.py`."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from service.api.rendering import money
from service.storage.operators import Queue
from service.storage.stats import Stats


def queue(one: Queue) -> dict[str, Any]:
    """A queue."""
    return asdict(one)


def stats(of: Queue, found: Stats) -> dict[str, Any]:
    """How a queue stands."""
    waiting = [
        {
            "kind": one.kind,
            "stage": one.stage,
            "depth": one.depth,
            "oldest_wait_seconds": _seconds(one.oldest, found.at),
            "cost_per_minute": money(one.cost_per_minute),
        }
        for one in found.waiting
    ]
    oldest = min((one.oldest for one in found.waiting), default=None)
    return {
        "queue": of.name,
        "at": found.at,
        "currency": of.currency,
        "waiting": {
            "depth": sum(one.depth for one in found.waiting),
            "oldest_wait_seconds": None if oldest is None else _seconds(oldest, found.at),
            "cost_per_minute": money(sum(one.cost_per_minute for one in found.waiting)),
            "by_kind": waiting,
        },
        "claimed": found.claimed,
        "parked": found.parked,
        "last_24_hours": {**found.day, "amount": money(found.day["amount"])},
        "operators": [{"name": name, "holding": n} for name, n in found.operators.items()],
    }


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, round((now - since).total_seconds(), 3))
