"""Publish the counts of this process while it runs, and once more at its end; watch its loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.background_task import background_task
from service.flows.upkeep.view_metrics import set_process_figures
from service.metrics.loop_watch import watched_loop
from service.resources import Resources

SECONDS = 1.0


@asynccontextmanager
async def counting(resources: Resources) -> AsyncIterator[None]:
    """Let other processes show the counts of this one, at most a second later."""
    with watched_loop():
        async with background_task(_hand_over(resources)):
            yield
    set_process_figures(resources)


async def _hand_over(resources: Resources) -> None:
    while True:
        set_process_figures(resources)
        await asyncio.sleep(SECONDS)
