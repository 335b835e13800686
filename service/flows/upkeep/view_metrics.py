"""Read the gauges for Prometheus; nothing changes.

Each part is read by itself, so that a store that is unavailable hides only its own figures.
"""

import platform
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from service import __version__
from service.leads.errors import NextleadError
from service.leads.lead import Kind
from service.leads.operator import Presence
from service.metrics import families
from service.metrics.family import Labels, ReadGauge, flush_all
from service.queue.in_step import in_step
from service.resources import Resources
from service.storage.queues.figures import (
    count_deliveries,
    count_events_out,
    count_queues_held,
    count_queues_late,
    count_queues_waiting,
)

log = structlog.get_logger()

Figures = defaultdict[ReadGauge, dict[Labels, float]]
Part = Callable[[Resources, Figures], Awaitable[None]]


async def view_metrics(resources: Resources) -> Figures:
    """The gauges that are read at each scrape, by their labels."""
    figures: Figures = defaultdict(dict)
    figures[families.BUILD_INFO][__version__, platform.python_version()] = 1
    for part in PARTS:
        try:
            await part(resources, figures)
        except NextleadError as error:
            log.debug("metrics.unread", part=part.__name__, error=type(error).__name__)
    set_process_figures(resources)
    return figures


def set_process_figures(resources: Resources) -> None:
    """Set the figures of this process, and add its counts since the last time."""
    for labels, number in resources.stores.database.connections().items():
        families.POOL_CONNECTIONS.set(number, *labels)
    families.POLLS_WAITING.set(resources.arrivals.waiting)
    families.STREAMS_OPEN.set(len(resources.listeners))
    families.WORKERS.set(1)
    flush_all()


async def _storage(resources: Resources, figures: Figures) -> None:
    up = figures[families.STORE_UP]
    up["postgres",] = 0
    await resources.stores.database.now()
    up["postgres",] = 1


async def _line(resources: Resources, figures: Figures) -> None:
    """Whether claims are served from the line of each queue; readiness says it for all queues."""
    up, degraded = figures[families.STORE_UP], figures[families.LINE_DEGRADED]
    up["redis",] = 0
    queues = await resources.stores.directory.queue_names()
    degraded.update({(queue,): 1 for queue in queues})
    existing = await in_step(resources.line, queues)
    up["redis",] = 1
    for queue, item in existing.items():
        degraded[queue,] = float(item.compared_at <= resources.line.failed_at)
        lag = _seconds(resources.clock.now(), item.compared_at)
        figures[families.LINE_LAG][queue,] = lag


async def _queues(resources: Resources, figures: Figures) -> None:
    now = resources.clock.now()
    for queue in await resources.stores.directory.queue_names():
        for kind in Kind:
            for family in (families.QUEUE_WAITING, families.QUEUE_LATE):
                figures[family][queue, kind.value] = 0
    for row in await count_queues_waiting(resources.stores.database):
        labels = (row["queue"], row["kind"])
        figures[families.QUEUE_WAITING][labels] = row["waiting"]
        figures[families.QUEUE_OLDEST][labels] = _seconds(now, row["oldest"])
        cost = figures[families.QUEUE_COST]
        cost[*labels, row["currency"]] = row["cost_per_minute"]
    for row in await count_queues_held(resources.stores.database):
        figures[families.QUEUE_HELD][row["queue"], row["kind"]] = row["held"]


async def _late(resources: Resources, figures: Figures) -> None:
    bases = await resources.stores.bases.all()
    held_late = {queue: basis.policy.held_late for queue, basis in bases.items()}
    now = resources.clock.now()
    for row in await count_queues_late(resources.stores.database, held_late, now):
        figures[families.QUEUE_LATE][row["queue"], row["kind"]] = row["late"]


async def _senders(resources: Resources, figures: Figures) -> None:
    for row in await count_deliveries(resources.stores.database):
        source = (row["source"],)
        figures[families.DELIVERIES_WAITING][source] = row["waiting"]
        figures[families.DELIVERIES_QUARANTINED][source] = row["quarantined"]
        figures[families.SOURCE_SILENT][source] = float(row["silent"])


async def _events_out(resources: Resources, figures: Figures) -> None:
    now = resources.clock.now()
    for row in await count_events_out(resources.stores.database):
        subscription = (row["subscription"],)
        figures[families.EVENTS_OUT_PENDING][subscription] = row["pending"]
        figures[families.EVENTS_OUT_DEAD][subscription] = row["dead"]
        oldest = row["oldest"] or now
        figures[families.EVENTS_OUT_OLDEST][subscription] = _seconds(now, oldest)


async def _operators(resources: Resources, figures: Figures) -> None:
    directory, now = resources.stores.directory, resources.clock.now()
    present = Counter(dict.fromkeys(Presence, 0))
    present.update(
        [await directory.presence(item, now) for item in (await directory.operators()).values()]
    )
    for presence, number in present.items():
        figures[families.OPERATORS][presence.value,] = number


def _seconds(now: datetime, since: datetime) -> float:
    return max(0.0, (now - since).total_seconds())


PARTS: tuple[Part, ...] = (_storage, _line, _queues, _late, _senders, _events_out, _operators)
