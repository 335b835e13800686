"""Delete old words, events, leads and cards, as each queue's policy says (`retention`).

It writes Postgres only, a few hundred leads at a time, so that others need not wait. One replica
does it at a time; an interrupted run goes on from the same place.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from service.resources import Resources
from service.rules.policy import Policy
from service.storage.database import exclusively
from service.storage.leads.retention import (
    BATCH,
    drop_cards,
    drop_events,
    drop_leads,
    drop_queue_events,
    drop_words,
)

log = structlog.get_logger()

LOCK = "nextlead retention"
MAX_BATCHES = 5  # of one sort and queue in one run


async def let_old_go(resources: Resources) -> None:
    """Delete what is older than its retention."""
    async with exclusively(resources.stores.database, LOCK, wait=False) as ours:
        if ours:
            await _let_go(resources)


async def _let_go(resources: Resources) -> None:
    database, now = resources.stores.database, resources.clock.now()
    bases = await resources.stores.bases.all()
    for queue, basis in bases.items():
        await _of_queue(resources, queue, basis.policy)
    longest = max((basis.policy.retention.settled_days for basis in bases.values()), default=None)
    if longest is not None:
        await _in_batches(lambda: drop_cards(database, now - timedelta(days=longest)))


async def _of_queue(resources: Resources, queue: str, policy: Policy) -> None:
    database, now, kept = resources.stores.database, resources.clock.now(), policy.retention
    settled = now - timedelta(days=kept.settled_days)
    events = now - timedelta(days=kept.events_days)
    texts = now - timedelta(days=kept.texts_days)
    reasons = [name for of in policy.reasons.values() for name in of]
    counts = {
        "leads": await _in_batches(lambda: drop_leads(database, queue, settled)),
        "events": await _in_batches(lambda: drop_events(database, queue, events)),
        "texts": await _in_batches(lambda: drop_words(database, queue, texts, reasons)),
        "queue_events": await _in_batches(lambda: drop_queue_events(database, queue, events)),
    }
    if any(counts.values()):
        log.info("old.gone", queue=queue, **counts)


async def _in_batches(drop: Callable[[], Awaitable[int]]) -> int:
    gone = 0
    for _ in range(MAX_BATCHES):
        count = await drop()
        gone += count
        if count < BATCH:
            break
    return gone
