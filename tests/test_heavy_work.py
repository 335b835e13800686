"""Heavy work in a process of its own: its results, its errors, its limits, its end."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import psutil
import pytest

from service.heavy_work import MAX_PRESENT, HeavyWork
from service.leads.errors import FieldMistake, InvalidRequest, Overloaded

MISTAKES = [FieldMistake("kinds", "it is wrong", "Mend it.")]


def refuse() -> None:
    raise InvalidRequest(MISTAKES)


def never_end() -> None:
    signal.pause()


def die() -> None:
    os._exit(1)


@pytest.fixture
async def heavy() -> AsyncIterator[HeavyWork]:
    work = HeavyWork()
    yield work
    work.close()


async def test_it_runs_elsewhere_and_the_same_process_goes_on(heavy: HeavyWork) -> None:
    first, again = await heavy.run(os.getpid), await heavy.run(os.getpid)
    assert first == again != os.getpid()


async def test_an_error_comes_with_what_it_says(heavy: HeavyWork) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await heavy.run(refuse)
    assert refused.value.mistakes == MISTAKES


async def test_what_takes_too_long_is_given_up_and_the_next_is_done(heavy: HeavyWork) -> None:
    process = await heavy.run(os.getpid)
    heavy._seconds = 0
    with pytest.raises(Overloaded):
        await heavy.run(never_end)
    heavy._seconds = 60
    assert await heavy.run(os.getpid) != process
    assert not psutil.pid_exists(process) or psutil.Process(process).status() == "zombie"


async def test_a_process_that_dies_is_replaced(heavy: HeavyWork) -> None:
    with pytest.raises(Overloaded):
        await heavy.run(die)
    assert await heavy.run(os.getpid) != os.getpid()


async def test_a_few_wait_and_more_are_refused(heavy: HeavyWork) -> None:
    waiting = [asyncio.create_task(heavy.run(never_end)) for _ in range(MAX_PRESENT)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await heavy.run(os.getpid)
    heavy.close()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(error, Overloaded | asyncio.CancelledError) for error in ended)


async def test_without_work_the_process_ends() -> None:
    heavy = HeavyWork(idle_seconds=0)
    process = psutil.Process(await heavy.run(os.getpid))
    await asyncio.to_thread(process.wait, 60)
    assert heavy._pool is None
