"""Heavy pure work in a process of its own, so that the event loop and its interpreter stay free."""

import asyncio
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

import structlog

from service.leads.errors import Overloaded

Result = TypeVar("Result")

SECONDS = 30.0
IDLE_SECONDS = 60.0
MAX_PRESENT = 16

log = structlog.get_logger()


class HeavyWork:
    """One process, started at the first work and ended after a minute without any.

    What is given and what comes back travels between processes: functions of modules, plain values.
    """

    def __init__(self, seconds: float = SECONDS, idle_seconds: float = IDLE_SECONDS) -> None:
        """A work that takes longer than so many `seconds`, with those before it, is given up."""
        self._seconds, self._idle_seconds = seconds, idle_seconds
        self._pool: ProcessPoolExecutor | None = None
        self._present = 0
        self._idle: asyncio.TimerHandle | None = None

    async def run(self, work: Callable[..., Result], *given: object) -> Result:
        """The result of a work, or its own error.

        Raises Overloaded when too much waits, when it takes too long, and when its process dies.
        """
        if self._present >= MAX_PRESENT:
            raise Overloaded(f"{MAX_PRESENT} works wait already; ask again in a moment.")
        self._present += 1
        self._stay()
        pool = self._started()
        try:
            async with asyncio.timeout(self._seconds):
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(pool, work, *given)
        except TimeoutError:
            self._give_up(pool)
            raise Overloaded("It took too long; send less of it, or ask again.") from None
        except BrokenProcessPool:
            self._give_up(pool)
            raise Overloaded("Its process has died; ask again in a moment.") from None
        finally:
            self._present -= 1
            if not self._present and self._pool is not None:
                self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self.close)

    def close(self) -> None:
        """End the process, if there is one."""
        self._stay()
        if self._pool is not None:
            self._give_up(self._pool)

    def _stay(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, context, _begin)
        return self._pool

    def _give_up(self, pool: ProcessPoolExecutor) -> None:
        """End a process whatever it does; others may have done so before."""
        if self._pool is pool:
            self._pool = None
            log.info("heavy_work.ended")
        for process in [*(pool._processes or {}).values()]:
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


def _begin() -> None:
    """Leave signals to the process that started this one, and end with it.

    The main module of the command line, which is imported here, too, leaves garbage uncollected.
    """
    gc.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)
