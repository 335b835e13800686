"""Read deliveries at once: each source by itself, however slow another one is.

Sources whose senders must be asked have slots of their own, because a sender that hangs holds its
slot for minutes.
"""

import asyncio
import random

import structlog

from service.background_task import stop
from service.flows.senders.read_deliveries import asking_adapters, read_deliveries
from service.leads.errors import NextleadError
from service.resources import Resources
from service.storage.senders.deliveries import due_sources

log = structlog.get_logger()

MAX_AT_ONCE, MAX_ASKING_AT_ONCE = 8, 4

Reading = dict[str, asyncio.Task[None]]


async def read_always(resources: Resources, tick_seconds: float) -> None:
    """Read due deliveries as soon as they come to this process; others at every tick."""
    reading: Reading = {}
    asking: Reading = {}
    try:
        while True:
            await _begin_reading(resources, reading, asking)
            await _news(resources, tick_seconds)
    finally:
        await stop([*reading.values(), *asking.values()])


async def _begin_reading(resources: Resources, reading: Reading, asking: Reading) -> None:
    free = MAX_AT_ONCE - len(reading), MAX_ASKING_AT_ONCE - len(asking)
    now, besides = resources.clock.now(), [*reading, *asking]
    try:
        due = await due_sources(resources.stores.database, now, besides, asking_adapters(), free)
    except NextleadError as error:
        log.warning("deliveries.unread", error=type(error).__name__, why=str(error))
        return
    for name, asks in due:
        under_way = asking if asks else reading
        under_way[name] = asyncio.create_task(_read_one(resources, name, under_way))


async def _read_one(resources: Resources, name: str, reading: Reading) -> None:
    try:
        await read_deliveries(resources, name)
    except NextleadError as error:
        log.warning("source.unread", source=name, error=type(error).__name__, why=str(error))
    except Exception:  # an error of one source must not stop the reading
        log.exception("source.unread", source=name)
    else:
        # a delivery may have come after the last look, and a slot is free
        resources.stores.inbox.news.set()
    finally:
        reading.pop(name, None)


async def _news(resources: Resources, tick_seconds: float) -> None:
    news = resources.stores.inbox.news
    # jittered, so that replicas do not all read at the same moment
    wait = asyncio.timeout(tick_seconds * random.uniform(0.8, 1.2))  # noqa: S311
    try:
        async with wait:
            await news.wait()
    except TimeoutError:
        return
    news.clear()
