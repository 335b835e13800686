"""Forgetting: only leads that left long ago, and none that came back."""

import pytest
from line_makers import (
    LEFT,
    QUEUE,
    START,
    Maker,
    claimed,
    contents,
    gone,
    moment,
    name,
    parked,
    show_each,
    step,
    take,
    waiting,
)
from redis.asyncio import Redis

from service.leads.lead import State
from service.queue.line import Line


@pytest.mark.parametrize("state", LEFT)
async def test_who_left_long_ago_is_forgotten(line: Line, redis: Redis, state: State) -> None:
    await line.show(gone(1, 2, state), moment(10))

    assert await line.forget(QUEUE, moment(11)) == 1
    found = await contents(redis, line.keys(QUEUE))
    assert (found.places, found.gone) == ({}, {})


async def test_who_waits_or_is_held_is_never_forgotten(line: Line, redis: Redis) -> None:
    await show_each(line, waiting(1), waiting(2, rank=999), claimed(3, 1, "boris"))
    await take(line, "anna")
    before = await contents(redis, line.keys(QUEUE))

    assert await line.forget(QUEUE, moment(10**6)) == 0
    assert await contents(redis, line.keys(QUEUE)) == before


async def test_who_left_lately_is_remembered(line: Line, redis: Redis) -> None:
    await line.show(gone(1), moment(10))
    await line.show(gone(2), moment(20))

    assert await line.forget(QUEUE, moment(19.999)) == 1
    found = await contents(redis, line.keys(QUEUE))
    assert list(found.places) == list(found.gone) == [name(2)]
    assert await line.forget(QUEUE, moment(20)) == 1


async def test_no_more_than_asked_for_are_forgotten_the_oldest_first(
    line: Line, redis: Redis
) -> None:
    for number in range(1, 6):
        await line.show(gone(number), moment(60 - number))

    assert await line.forget(QUEUE, moment(100), limit=2) == 2
    found = await contents(redis, line.keys(QUEUE))
    assert set(found.places) == set(found.gone) == {name(1), name(2), name(3)}
    assert await line.forget(QUEUE, moment(100), limit=9) == 3


@pytest.mark.parametrize("late", [waiting, claimed])
async def test_before_it_is_forgotten_a_lead_is_not_brought_back_by_old_news(
    line: Line, redis: Redis, late: Maker
) -> None:
    await line.show(gone(1, 5), moment(10))
    await line.forget(QUEUE, moment(9))

    assert not await line.show(late(1, 4), moment(20))
    found = await contents(redis, line.keys(QUEUE))
    assert (found.lanes, found.held, found.places) == ({}, {}, {name(1): "5||"})


async def test_a_dropped_lead_is_not_brought_back_before_it_is_forgotten(line: Line) -> None:
    await line.drop(QUEUE, waiting(1).id, moment(10))
    await line.forget(QUEUE, moment(9))

    assert not await line.show(waiting(1, 4), moment(20))


@pytest.mark.parametrize("back", [waiting, claimed])
async def test_who_came_back_is_not_forgotten(line: Line, redis: Redis, back: Maker) -> None:
    await show_each(line, waiting(1, 1), gone(1, 2, State.PARKED), back(1, 3))
    before = await contents(redis, line.keys(QUEUE))

    assert await line.forget(QUEUE, moment(10**6)) == 0
    assert await contents(redis, line.keys(QUEUE)) == before


async def test_what_counts_is_when_it_left_last(line: Line) -> None:
    await line.show(gone(1, 1, State.PARKED), moment(10))
    await line.show(waiting(1, 2), moment(20))
    await line.show(gone(1, 3, State.SETTLED), moment(30))

    assert await line.forget(QUEUE, moment(29)) == 0
    assert await line.forget(QUEUE, moment(30)) == 1


async def test_another_queue_is_left_alone(line: Line, redis: Redis) -> None:
    await line.show(gone(1), moment(10))
    before = await contents(redis, line.keys(QUEUE))

    assert await line.forget("main2", moment(20)) == 0
    assert await contents(redis, line.keys(QUEUE)) == before


async def test_an_empty_line_has_nothing_to_forget(line: Line) -> None:
    assert await line.forget(QUEUE, START) == 0


async def test_a_parked_lead_is_not_forgotten_before_it_is_due(line: Line, redis: Redis) -> None:
    await show_each(line, waiting(1, 1), gone(1, 2, State.PARKED), parked(1, 3, step(10**5)))

    assert await line.forget(QUEUE, moment(10**4)) == 0
    assert await line.take_steps(QUEUE, moment(10**5)) == 1
    assert (await contents(redis, line.keys(QUEUE))).ids() == [name(1)]


async def test_what_was_foretold_is_forgotten_with_the_lead(line: Line, redis: Redis) -> None:
    keys = line.keys(QUEUE)
    await show_each(line, gone(1), waiting(2, timeline=(step(60),)))
    await redis.hset(keys.timelines, name(1), "1 everybody -1")
    await redis.zadd(keys.steps, {name(1): 1})

    assert await line.forget(QUEUE, moment(1)) == 1
    found = await contents(redis, keys)
    assert list(found.steps) == list(found.timelines) == [name(2)]
