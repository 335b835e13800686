"""Ends a worker whose supervisor was killed: nobody else could stop it or replace it."""

import asyncio
import multiprocessing
import signal

import structlog

log = structlog.get_logger()


async def end_with_supervisor(_: object) -> None:
    """Wait until the supervisor process is gone, then end as if by SIGTERM.

    Returns at once in a process that is no worker.
    """
    supervisor, gone = multiprocessing.parent_process(), asyncio.Event()
    if supervisor is None:
        return
    loop, sentinel = asyncio.get_running_loop(), supervisor.sentinel
    loop.add_reader(sentinel, gone.set)
    try:
        await gone.wait()
    finally:
        loop.remove_reader(sentinel)
    log.error("serve.supervisor_gone", remedy="start `nextlead serve` again")
    signal.raise_signal(signal.SIGTERM)


def supervisor_is_gone() -> bool:
    """Whether this process is a worker and its supervisor has ended."""
    supervisor = multiprocessing.parent_process()
    return supervisor is not None and not supervisor.is_alive()
