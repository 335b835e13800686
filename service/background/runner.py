"""The door for time: one chore, again and again, until the process stops."""

import asyncio
import random

import structlog

from service.flows.keep_in_step import keep_in_step
from service.leads.errors import NextleadError
from service.resources import Resources

log = structlog.get_logger()


async def keep_always_in_step(resources: Resources, tick_seconds: float) -> None:
    """Keep the line in step, for ever."""
    while True:
        try:
            await keep_in_step(resources)
        except NextleadError as error:
            log.warning("keep_in_step.failed", error=type(error).__name__, why=str(error))
        except Exception:  # the chore must outlive whatever one round met
            log.exception("keep_in_step.failed")
        # jittered, so that replicas do not all ask for the lock at the same moment
        await asyncio.sleep(tick_seconds * random.uniform(0.8, 1.2))  # noqa: S311
