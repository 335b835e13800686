"""Releasing: a reservation is undone by its own token only, and the lead is back at its place."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from line_makers import (
    QUEUE,
    START,
    TOKEN,
    claimed,
    contents,
    gone,
    moment,
    reserved,
    show_each,
    take,
    waiting,
)
from redis.asyncio import Redis

from service.leads.lead import Lead
from service.queue.line import Line, Reservation


async def reserve(line: Line, operator: str = "anna", token: str = TOKEN) -> Reservation:
    reservation = await take(line, operator, token)
    assert reservation is not None
    return reservation


async def test_a_released_lead_stands_where_it_stood(line: Line, redis: Redis) -> None:
    await show_each(line, *(waiting(number, rank=7) for number in (1, 2, 3)))
    await show_each(line, waiting(4, rank=9), waiting(5, rank=8, lane="wholesale"))
    before = await contents(redis, line.keys(QUEUE))
    reservations = [await reserve(line, operator) for operator in ("a", "b", "c")]

    for reservation, operator in zip(reservations, ("a", "b", "c"), strict=True):
        assert await line.release(reservation, operator)
    assert await contents(redis, line.keys(QUEUE)) == before


async def test_a_released_lead_is_back_in_its_own_lane(line: Line, redis: Redis) -> None:
    await show_each(line, waiting(1, rank=7, lane="wholesale"), waiting(2, rank=5))
    before = await contents(redis, line.keys(QUEUE))
    reservation = await take(line, lanes=("everybody", "wholesale"))

    assert reservation is not None
    assert await line.release(reservation, "anna")
    assert await contents(redis, line.keys(QUEUE)) == before


async def test_a_released_lead_is_given_to_the_next(line: Line) -> None:
    await show_each(line, waiting(1, rank=9), waiting(2, rank=5))
    await line.release(await reserve(line), "anna")

    assert await take(line, "boris", "his") == reserved(1, "his", rank=9, second=(2, 5))


async def test_a_release_keeps_what_else_he_holds(line: Line) -> None:
    await show_each(line, waiting(1, rank=9), waiting(2, rank=5))
    first, second = [await take(line, "anna", token, capacity=2) for token in ("one", "two")]

    assert first is not None
    assert await line.release(first, "anna")
    assert await take(line, "anna", "three") == second


@pytest.mark.parametrize(
    ("operator", "token"),
    [
        ("anna", "toke"),
        ("anna", "token2"),
        ("anna", ""),
        ("ann", "token"),
        ("anna2", "token"),
        ("boris", "token"),
    ],
)
async def test_a_wrong_operator_or_token_releases_nothing(
    line: Line, redis: Redis, operator: str, token: str
) -> None:
    await line.show(waiting(1), START)
    reservation = await reserve(line)
    before = await contents(redis, line.keys(QUEUE))

    assert not await line.release(replace(reservation, token=token), operator)
    assert await contents(redis, line.keys(QUEUE)) == before


async def test_a_second_release_does_nothing(line: Line, redis: Redis) -> None:
    await line.show(waiting(1), START)
    reservation = await reserve(line)
    await line.release(reservation, "anna")
    before = await contents(redis, line.keys(QUEUE))

    assert not await line.release(reservation, "anna")
    assert await contents(redis, line.keys(QUEUE)) == before


async def test_a_late_release_does_not_take_the_lead_from_the_next(
    line: Line, redis: Redis
) -> None:
    await line.show(waiting(1), START)
    reservation = await reserve(line)
    await line.put_back_due(QUEUE, moment(3600))
    await reserve(line, "anna", "later")
    before = await contents(redis, line.keys(QUEUE))

    assert not await line.release(reservation, "anna")
    assert await contents(redis, line.keys(QUEUE)) == before


@pytest.mark.parametrize(
    "truth",
    [
        lambda: gone(1, 2),
        lambda: waiting(1, 2, lane="wholesale"),
        lambda: claimed(1, 2, "boris", "his"),
    ],
)
async def test_a_release_does_not_undo_what_postgres_said_meanwhile(
    line: Line, redis: Redis, truth: Callable[[], Lead]
) -> None:
    await line.show(waiting(1), START)
    reservation = await reserve(line)
    await line.show(truth(), START)
    before = await contents(redis, line.keys(QUEUE))

    assert not await line.release(reservation, "anna")
    assert await contents(redis, line.keys(QUEUE)) == before


async def test_a_lead_that_the_line_does_not_know_is_not_released(line: Line, redis: Redis) -> None:
    before = await contents(redis, line.keys(QUEUE))

    assert not await line.release(reserved(1), "anna")
    assert await contents(redis, line.keys(QUEUE)) == before
