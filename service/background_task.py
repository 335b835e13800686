"""Run a task beside a block of code, for as long as the block lasts."""

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def background_task(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` until the block ends, then cancel it and wait for it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        await stop([task])


async def stop(tasks: Collection["asyncio.Task[None]"]) -> None:
    """Cancel tasks, and wait until they have ended.

    On Python 3.11 a timeout inside a client may swallow a cancellation, so it is repeated. A caller
    that is itself cancelled still waits for the tasks.
    """
    cancelled = None
    while left := [task for task in tasks if not task.done()]:
        for item in left:
            item.cancel()
        try:
            await asyncio.wait(left, timeout=1)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
