"""Leases and reservations that are over: the lead is back in its lane, at its place."""

from line_makers import (
    QUEUE,
    START,
    claimed,
    contents,
    moment,
    name,
    reserved,
    show_each,
    take,
    waiting,
)
from redis.asyncio import Redis

from service.queue.line import Line


async def test_who_is_due_stands_where_he_stood(line: Line, redis: Redis) -> None:
    await show_each(line, *(waiting(number, rank=7) for number in (1, 2, 3)))
    await show_each(line, waiting(4, rank=9, lane="wholesale"))
    before = await contents(redis, line.keys(QUEUE))
    for operator in ("a", "b", "c", "d"):
        await take(line, operator, until=5, lanes=("everybody", "wholesale"))

    assert await line.put_back_due(QUEUE, moment(6)) == 4
    assert await contents(redis, line.keys(QUEUE)) == before


async def test_a_claim_whose_lease_is_over_waits_again(line: Line, redis: Redis) -> None:
    await line.show(claimed(1, 4, "anna", until=30, rank=8, lane="wholesale"), START)

    assert await line.put_back_due(QUEUE, moment(31)) == 1
    found = await contents(redis, line.keys(QUEUE))
    assert found.lanes == {"wholesale": [(name(1), -8.0)]}
    assert (found.held, found.holders, found.holdings) == ({}, {}, [])
    assert found.places == {name(1): "4|wholesale|-8"}


async def test_a_lease_ends_to_the_millisecond(line: Line) -> None:
    await line.show(claimed(1, until=30.5), START)

    assert await line.put_back_due(QUEUE, moment(30.499)) == 0
    assert await line.put_back_due(QUEUE, moment(30.5)) == 1


async def test_only_those_whose_time_is_over_are_put_back(line: Line, redis: Redis) -> None:
    await show_each(line, claimed(1, until=10), claimed(2, until=30), waiting(3, rank=1))

    assert await line.put_back_due(QUEUE, moment(20)) == 1
    found = await contents(redis, line.keys(QUEUE))
    assert found.ids() == [name(1), name(3)]
    assert list(found.held) == list(found.holders) == [name(2)]


async def test_no_more_than_asked_for_are_put_back_the_longest_due_first(
    line: Line, redis: Redis
) -> None:
    await show_each(line, *(claimed(number, until=60 - number) for number in range(1, 6)))

    assert await line.put_back_due(QUEUE, moment(100), limit=2) == 2
    assert set((await contents(redis, line.keys(QUEUE))).held) == {name(1), name(2), name(3)}
    assert await line.put_back_due(QUEUE, moment(100), limit=9) == 3


async def test_a_renewed_lease_is_not_over(line: Line) -> None:
    await show_each(line, claimed(1, 1, until=10), claimed(1, 2, until=100))

    assert await line.put_back_due(QUEUE, moment(50)) == 0


async def test_nothing_is_put_back_twice(line: Line) -> None:
    await line.show(claimed(1, until=10), START)

    assert await line.put_back_due(QUEUE, moment(50)) == 1
    assert await line.put_back_due(QUEUE, moment(50)) == 0


async def test_whose_lease_is_over_may_take_another_lead(line: Line) -> None:
    await show_each(line, claimed(1, 1, "anna", until=10, rank=5), waiting(2, rank=9))
    await line.put_back_due(QUEUE, moment(11))

    assert await take(line, "anna", "new") == reserved(2, "new", rank=9, second=(1, 5))


async def test_of_operators_whose_names_begin_alike_the_right_one_loses_his_lead(
    line: Line, redis: Redis
) -> None:
    for number, operator in enumerate(("an", "anna", "an.na")):
        await line.show(claimed(number, 1, operator, until=10 if operator == "an" else 60), START)
    await line.put_back_due(QUEUE, moment(11))

    found = await contents(redis, line.keys(QUEUE))
    assert found.holdings == [f"an.na {name(2)}", f"anna {name(1)}"]


async def test_an_empty_line_has_nothing_due(line: Line) -> None:
    assert await line.put_back_due(QUEUE, moment(50)) == 0


async def test_another_queue_is_left_alone(line: Line, redis: Redis) -> None:
    await line.show(claimed(1, until=10), START)
    before = await contents(redis, line.keys(QUEUE))

    assert await line.put_back_due("main2", moment(50)) == 0
    assert await contents(redis, line.keys(QUEUE)) == before
