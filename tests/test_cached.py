"""What every request asks for is read once for all, also while the database is away."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from driven_clock import DrivenClock

from service.cached import Cached, SharedReadings
from service.leads.errors import StorageUnavailable
from service.resources import Resources
from service.settings import Settings
from service.storage import database as module
from service.storage.database import Database, open_database
from service.storage.operators.directory import Directory
from service.storage.policies.queue_context import QueueContexts

ASKING = 20
PATIENCE_SECONDS = 0.5

Ask = Callable[[Database], Callable[[], Awaitable[object]]]


@pytest.mark.parametrize(
    "ask", [lambda of: Directory(of).operators, lambda of: QueueContexts(of).all]
)
async def test_whoever_asks_while_all_connections_are_taken_waits_for_nobody_else(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    async with open_database(url, hot=1, cold=1 + module.FOR_INSIDE) as database:
        monkeypatch.setattr(module, "CONNECT_SECONDS", PATIENCE_SECONDS)
        one = ask(database)
        async with database.pool.acquire(), asyncio.timeout(ASKING * PATIENCE_SECONDS / 2):
            failed = await asyncio.gather(*(one() for _ in range(ASKING)), return_exceptions=True)
        assert {type(error) for error in failed} == {StorageUnavailable}
        await one()  # the failure is not remembered


class Spring:
    """Gives 1, 2, 3, … each when it is let."""

    def __init__(self) -> None:
        self.count = 0
        self.flows = asyncio.Event()

    async def draw(self) -> int:
        self.count += 1
        drawn = self.count
        await self.flows.wait()
        return drawn


async def test_one_reading_serves_all_who_wait_and_those_of_the_next_moment() -> None:
    spring = Spring()
    remembered = Cached(spring.draw, seconds=60)
    asked = [asyncio.create_task(remembered.value()) for _ in range(ASKING)]
    await asyncio.sleep(0)
    spring.flows.set()
    assert {await item for item in asked} == {1}
    assert (await remembered.value(), spring.count) == (1, 1)


async def test_what_was_forgotten_during_its_reading_answers_only_who_asked_before() -> None:
    spring = Spring()
    remembered = Cached(spring.draw, seconds=60)
    early = asyncio.create_task(remembered.value())
    await asyncio.sleep(0)
    remembered.forget()
    late = asyncio.create_task(remembered.value())
    await asyncio.sleep(0)
    spring.flows.set()
    assert (await early, await late, await remembered.value()) == (1, 2, 2)


async def test_many_who_miss_something_in_a_value_make_it_be_read_once_more() -> None:
    spring = Spring()
    spring.flows.set()
    remembered = Cached(spring.draw, seconds=60)

    async def look_twice() -> int:
        remembered.forget(await remembered.value())
        return await remembered.value()

    assert {await item for item in [asyncio.create_task(look_twice()) for _ in range(ASKING)]} == {
        2
    }


async def test_those_in_transactions_may_wait_for_policies_that_somebody_else_reads(
    resources: Resources,
) -> None:
    bases, database = resources.stores.bases, resources.stores.database
    places = database.room._value
    all_inside, is_being_read = asyncio.Barrier(places + 1), asyncio.Event()

    async def ask_inside() -> None:
        async with database.transaction():
            await all_inside.wait()
            await is_being_read.wait()
            await bases.of("main")

    async with asyncio.timeout(module.CONNECT_SECONDS / 2):
        inside = [asyncio.create_task(ask_inside()) for _ in range(places)]
        await all_inside.wait()
        bases.forget()
        outside = asyncio.create_task(bases.of("main"))
        await asyncio.sleep(0)
        is_being_read.set()
        await asyncio.gather(outside, *inside)


async def test_who_asks_no_longer_ends_no_reading_of_others() -> None:
    spring = Spring()
    remembered = Cached(spring.draw, seconds=60)
    first, second = (asyncio.create_task(remembered.value()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    spring.flows.set()
    assert await second == 1


async def test_one_reading_serves_all_callers_of_a_key() -> None:
    clock, spring = DrivenClock(), Spring()
    shared: SharedReadings[str, int] = SharedReadings(timedelta(seconds=30))

    async def of(key: str) -> int:
        return await shared.of(key, clock.now(), spring.draw)

    asked = [asyncio.create_task(of("main")) for _ in range(ASKING)]
    await asyncio.sleep(0)
    spring.flows.set()
    assert set(await asyncio.gather(*asked)) == {1}
    clock.pass_by(seconds=29)
    assert (await of("main"), await of("other")) == (1, 2)
    clock.pass_by(seconds=1)
    assert (await of("main"), await of("other")) == (3, 2)


async def test_a_failed_reading_is_not_shared() -> None:
    clock, shared = DrivenClock(), SharedReadings[str, int](timedelta(seconds=30))

    async def fails() -> int:
        raise StorageUnavailable("no")

    async def works() -> int:
        return 5

    with pytest.raises(StorageUnavailable):
        await shared.of("main", clock.now(), fails)
    assert await shared.of("main", clock.now(), works) == 5
