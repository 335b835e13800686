"""Batches: every caller has his own answer, and nobody else's trouble."""

import asyncio
from collections.abc import Sequence

import pytest

from service.batching import Batcher
from service.leads.errors import Overloaded

LIMIT = 5.0


class Carrier:
    """Answers each item with its double; a flight takes off at once but lands when it is let."""

    def __init__(self, *, held_up: bool = False) -> None:
        self.flights: list[list[int]] = []
        self.under_way = 0
        self.max_under_way = 0
        self._may_land = asyncio.Event()
        if not held_up:
            self.let_land()

    def let_land(self) -> None:
        self._may_land.set()

    async def carry(self, items: Sequence[int]) -> list[int | Exception]:
        self.flights.append(list(items))
        self.under_way += 1
        self.max_under_way = max(self.max_under_way, self.under_way)
        await self._may_land.wait()
        await asyncio.sleep(0)
        self.under_way -= 1
        return [ValueError(item) if item < 0 else 2 * item for item in items]

    async def has_flown(self, flights: int) -> None:
        for _ in range(1000):
            if len(self.flights) >= flights:
                return
            await asyncio.sleep(0)
        raise AssertionError(f"only {len(self.flights)} of {flights} flights took off")


def submit_all(batch: Batcher[int, int], items: Sequence[int]) -> list[asyncio.Task[int]]:
    return [asyncio.create_task(batch.submit(item)) for item in items]


async def outcomes(tasks: Sequence[asyncio.Task[int]]) -> list[int | BaseException]:
    async with asyncio.timeout(LIMIT):
        return await asyncio.gather(*tasks, return_exceptions=True)


async def ticks(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("flights", [1, 2, 5])
async def test_everybody_has_his_own_answer(size: int, flights: int) -> None:
    carrier = Carrier()
    batch = Batcher(carrier.carry, size=size, max_in_flight=flights)

    found = await outcomes(submit_all(batch, range(100)))
    assert found == [2 * item for item in range(100)]
    assert [item for flight in carrier.flights for item in flight] == list(range(100))


async def test_one_exception_does_not_fail_the_others() -> None:
    carrier = Carrier()

    good, bad, fine = await outcomes(submit_all(Batcher(carrier.carry), [1, -2, 3]))
    assert (good, fine) == (2, 6)
    assert isinstance(bad, ValueError)
    assert carrier.flights == [[1, -2, 3]]


async def test_a_lone_item_leaves_at_once() -> None:
    carrier = Carrier(held_up=True)
    task = asyncio.create_task(Batcher(carrier.carry).submit(21))
    await ticks()

    assert carrier.flights == [[21]]
    carrier.let_land()
    assert await task == 42


async def test_items_of_one_tick_leave_together() -> None:
    carrier = Carrier()
    await outcomes(submit_all(Batcher(carrier.carry), range(20)))

    assert carrier.flights == [list(range(20))]


async def test_under_load_a_batch_fills_while_others_fly() -> None:
    carrier = Carrier(held_up=True)
    batch = Batcher(carrier.carry, max_in_flight=2)
    tasks = []
    for item in range(10):
        tasks += submit_all(batch, [item])
        await ticks()

    assert carrier.flights == [[0], [1]]
    carrier.let_land()
    await outcomes(tasks)
    assert carrier.flights[2:] == [[2, 3, 4, 5, 6, 7, 8, 9]]


@pytest.mark.parametrize("flights", [1, 2, 3])
async def test_no_more_fly_at_once_than_may(flights: int) -> None:
    carrier = Carrier()
    await outcomes(submit_all(Batcher(carrier.carry, size=2, max_in_flight=flights), range(50)))

    assert carrier.max_under_way == flights


async def test_a_full_batch_leaves_the_rest_for_the_next() -> None:
    carrier = Carrier()
    await outcomes(submit_all(Batcher(carrier.carry, size=3, max_in_flight=1), range(8)))

    assert carrier.flights == [[0, 1, 2], [3, 4, 5], [6, 7]]


async def test_who_finds_no_room_is_told_to_come_again() -> None:
    carrier = Carrier(held_up=True)
    batch = Batcher(carrier.carry, size=1, max_in_flight=1, max_waiting=2)
    flying = submit_all(batch, [1])
    await carrier.has_flown(1)
    waiting = submit_all(batch, [2, 3])
    await ticks()

    with pytest.raises(Overloaded):
        await batch.submit(4)
    carrier.let_land()
    assert await outcomes(flying + waiting) == [2, 4, 6]
    assert await batch.submit(5) == 10
    assert [4] not in carrier.flights


async def test_a_caller_who_gave_up_in_flight_does_no_harm() -> None:
    carrier = Carrier(held_up=True)
    first, second = submit_all(Batcher(carrier.carry), [1, 2])
    await carrier.has_flown(1)
    first.cancel()
    await ticks()

    carrier.let_land()
    cancelled, answered = await outcomes([first, second])
    assert isinstance(cancelled, asyncio.CancelledError)
    assert answered == 4


async def test_a_caller_who_gave_up_while_waiting_does_no_harm() -> None:
    carrier = Carrier(held_up=True)
    batch = Batcher(carrier.carry, max_in_flight=1)
    flying = submit_all(batch, [1])
    await carrier.has_flown(1)
    waiting = submit_all(batch, [2, -3, 4])
    await ticks()
    for task in waiting[:2]:
        task.cancel()

    carrier.let_land()
    assert await outcomes([*flying, waiting[2]]) == [2, 8]
    assert await batch.submit(5) == 10


async def test_a_flight_that_fails_fails_its_own_passengers_only() -> None:
    async def carry(items: Sequence[int]) -> list[int | Exception]:
        await ticks()
        if 0 in items:
            raise OSError("the line broke")
        return list(items)

    found = await outcomes(submit_all(Batcher(carry, size=2), [5, 0, 6, 7, 8]))
    assert [isinstance(item, OSError) for item in found] == [True, True, False, False, False]
    assert found[2:] == [6, 7, 8]


async def test_after_failed_flights_there_are_as_many_as_before() -> None:
    async def carry(items: Sequence[int]) -> list[int | Exception]:
        if items[0] < 0:
            raise OSError("the line broke")
        return list(items)

    batch = Batcher(carry, size=1, max_in_flight=2)
    await outcomes(submit_all(batch, [-1] * 10))
    assert await outcomes(submit_all(batch, range(5))) == list(range(5))


@pytest.mark.parametrize("answers", [[], [1], [1, 2, 3]])
async def test_a_carrier_that_miscounts_keeps_nobody_waiting(answers: list[int]) -> None:
    async def carry(items: Sequence[int]) -> list[int | Exception]:
        return list(answers)

    tasks = submit_all(Batcher(carry), [1, 2])
    await asyncio.wait(tasks, timeout=0.2)
    assert [task.done() for task in tasks] == [True, True]


async def test_landing_waits_for_everything_under_way() -> None:
    carrier = Carrier()
    batch = Batcher(carrier.carry, size=2, max_in_flight=1)
    tasks = submit_all(batch, range(9))
    await asyncio.sleep(0)
    await batch.drain()

    assert carrier.under_way == 0
    assert [item for flight in carrier.flights for item in flight] == list(range(9))
    assert await outcomes(tasks) == [2 * item for item in range(9)]


async def test_landing_waits_for_who_has_not_even_boarded() -> None:
    carrier = Carrier()
    batch = Batcher(carrier.carry)
    task = asyncio.create_task(batch.submit(3))
    await asyncio.sleep(0)
    await batch.drain()

    assert carrier.flights == [[3]]
    assert await task == 6


async def test_landing_with_nothing_under_way_is_done() -> None:
    async with asyncio.timeout(LIMIT):
        await Batcher(Carrier().carry).drain()


async def test_batches_of_a_busy_day_are_answered_right() -> None:
    carrier = Carrier()
    batch = Batcher(carrier.carry, size=8, max_in_flight=2)

    async def caller(number: int) -> bool:
        await ticks(number % 7)
        return await batch.submit(number) == 2 * number

    assert all(await asyncio.gather(*(caller(number) for number in range(500))))
    assert max(len(flight) for flight in carrier.flights) == 8


async def test_a_batch_that_is_not_full_waits_for_the_one_under_way() -> None:
    carrier = Carrier(held_up=True)
    batch = Batcher(carrier.carry, size=3, patience_seconds=3600)
    tasks = submit_all(batch, [1])
    await carrier.has_flown(1)
    tasks += submit_all(batch, [2, 3])
    await ticks()
    assert carrier.flights == [[1]]
    carrier.let_land()
    assert await outcomes(tasks) == [2, 4, 6]
    assert carrier.flights == [[1], [2, 3]]


async def test_a_full_batch_goes_out_beside_another() -> None:
    carrier = Carrier(held_up=True)
    batch = Batcher(carrier.carry, size=3, patience_seconds=3600)
    tasks = submit_all(batch, [1])
    await carrier.has_flown(1)
    tasks += submit_all(batch, [2, 3, 4])
    await carrier.has_flown(2)
    carrier.let_land()
    assert await outcomes(tasks) == [2, 4, 6, 8]


async def test_a_batch_waits_for_a_hanging_one_only_so_long() -> None:
    hangs = asyncio.Event()

    async def carry(items: Sequence[int]) -> list[int]:
        await (hangs.wait() if items[0] == 1 else asyncio.sleep(0))
        return list(items)

    batch = Batcher(carry, size=3, patience_seconds=0.001)
    first = submit_all(batch, [1])
    await ticks()
    second = submit_all(batch, [2])
    assert await outcomes(second) == [2]
    assert not first[0].done()
    hangs.set()
    assert await outcomes(first) == [1]
