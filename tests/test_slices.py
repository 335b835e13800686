"""Work in slices: others run after each of them, and one slice is done in a round of the loop."""

import asyncio

from service.slices import Turns, in_slices


async def test_others_run_between_the_slices() -> None:
    at_work: list[object] = []

    async def other() -> None:
        while len(at_work) < 100:
            at_work.append("other")
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    made = await in_slices(lambda number: at_work.append(number) or number * 2, range(9), 3)
    at_work.extend(["end"] * 100)
    await task
    assert made == [number * 2 for number in range(9)]
    for begin, end in ((2, 3), (5, 6)):
        assert "other" in at_work[at_work.index(begin) : at_work.index(end)]


async def test_of_many_who_wait_one_goes_on_in_a_round() -> None:
    turns, woken = Turns(), []
    rounds = 0

    async def dear(name: int) -> None:
        await turns.take()
        woken.append((rounds, name))

    tasks = [asyncio.create_task(dear(name)) for name in range(5)]
    while not all(task.done() for task in tasks):
        rounds += 1
        await asyncio.sleep(0)
    assert [name for _, name in woken] == [0, 1, 2, 3, 4]
    assert len({at for at, _ in woken}) == 5


async def test_who_gave_up_takes_no_turn() -> None:
    turns = Turns()
    first, second = (asyncio.create_task(turns.take()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first, second], timeout=10)
    assert first.cancelled()
    assert second.done()
    await asyncio.wait_for(turns.take(), 10)
