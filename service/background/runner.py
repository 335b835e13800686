"""The door for time: chores, again and again, until the process stops."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

from service.flows.keep_in_step import keep_time
from service.flows.rank_anew import rank_outdated_anew
from service.leads.errors import NextleadError
from service.resources import Resources

log = structlog.get_logger()

Chore = Callable[[Resources], Awaitable[object]]


async def keep_always_in_step(resources: Resources, tick_seconds: float) -> None:
    """Do what is due, and rank by new policies, each at its own pace, for ever."""
    async with asyncio.TaskGroup() as chores:
        for chore in (keep_time, rank_outdated_anew):
            chores.create_task(_do_always(chore, resources, tick_seconds))


async def _do_always(chore: Chore, resources: Resources, tick_seconds: float) -> None:
    name = getattr(chore, "__name__", "chore")
    while True:
        try:
            await chore(resources)
        except NextleadError as error:
            log.warning("chore.failed", chore=name, error=type(error).__name__, why=str(error))
        except Exception:  # the chore must outlive whatever one round met
            log.exception("chore.failed", chore=name)
        # jittered, so that replicas do not all ask for the lock at the same moment
        await asyncio.sleep(tick_seconds * random.uniform(0.8, 1.2))  # noqa: S311
