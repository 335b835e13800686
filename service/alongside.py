"""Letting something run beside a block of code, for as long as the block lasts."""

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def alongside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` until the block ends, then cancel it and wait for it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await stop([task])


async def stop(tasks: Collection["asyncio.Task[None]"]) -> None:
    """Cancel tasks, and wait until they have ended.

    On Python 3.11 a client's time-out may swallow a cancellation; so it is repeated.
    """
    while left := [one for one in tasks if not one.done()]:
        for one in left:
            one.cancel()
        await asyncio.wait(left, timeout=1)
