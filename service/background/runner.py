"""The door for time: chores that repeat until the process stops."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from service.background.counting import counting
from service.background.reading import read_always
from service.background.sending import sending
from service.background.streaming import follow_always, tell_always
from service.background_task import background_task
from service.flows.line.rerank_line import rerank_outdated
from service.flows.senders.prune_deliveries import prune_deliveries
from service.flows.upkeep.count_hours import count_hours
from service.flows.upkeep.count_vocabulary import count_vocabulary
from service.flows.upkeep.keep_in_step import keep_time, keep_watch
from service.flows.upkeep.let_old_go import let_old_go
from service.flows.upkeep.view_keys import write_key_use
from service.leads.errors import NextleadError
from service.metrics.families import CHORE_FAILURES
from service.resources import Resources

log = structlog.get_logger()

SELDOM_SECONDS = 10  # chores that nobody waits for
MINUTE_SECONDS = 60  # figures shown to the minute
RARELY_SECONDS = 300  # figures counted by the hour

Chore = Callable[[Resources], Awaitable[object]]


@asynccontextmanager
async def background_chores(resources: Resources, tick_seconds: float) -> AsyncIterator[None]:
    """Run the due chores while the block lasts, each at its own pace."""
    seldom = max(tick_seconds, SELDOM_SECONDS)
    by_minute = max(tick_seconds, MINUTE_SECONDS)
    rarely = max(tick_seconds, RARELY_SECONDS)
    async with (
        counting(resources),
        sending() as under_way,
        background_task(_do_always(under_way.send_events, resources, tick_seconds)),
        background_task(_do_always(keep_time, resources, tick_seconds)),
        background_task(_do_always(rerank_outdated, resources, tick_seconds)),
        background_task(_do_always(keep_watch, resources, seldom)),
        background_task(_do_always(prune_deliveries, resources, seldom)),
        background_task(_do_always(write_key_use, resources, by_minute)),
        background_task(_do_always(count_vocabulary, resources, rarely)),
        background_task(_do_always(let_old_go, resources, seldom)),
        background_task(_do_always(count_hours, resources, rarely)),
        background_task(read_always(resources, tick_seconds)),
        background_task(follow_always(resources)),
        background_task(tell_always(resources)),
    ):
        yield


async def _do_always(chore: Chore, resources: Resources, tick_seconds: float) -> None:
    name = getattr(chore, "__name__", "chore")
    while True:
        try:
            await chore(resources)
        except NextleadError as error:
            CHORE_FAILURES.add(name)
            log.warning("chore.failed", chore=name, error=type(error).__name__, why=str(error))
        except Exception:  # the chore must survive an error of one round
            CHORE_FAILURES.add(name)
            log.exception("chore.failed", chore=name)
        # jittered, so that replicas do not all ask for the lock at the same moment
        await asyncio.sleep(tick_seconds * random.uniform(0.8, 1.2))  # noqa: S311
