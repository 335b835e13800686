"""Servers that forget the scripts, the data or both: the next move works, or says what is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from line_makers import (
    QUEUE,
    START,
    ClientMaker,
    LineMaker,
    claimed,
    contents,
    gone,
    lead_id,
    moment,
    parked,
    put_in_step,
    reserved,
    show_each,
    step,
    take,
    until,
    waiting,
)
from own_valkey import OwnValkey
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from service.leads.errors import LineLost, LineUnavailable
from service.queue import scripts as scripts_module
from service.queue.in_step import in_step
from service.queue.line import Line

KEEPING = ("--appendonly", "yes", "--appendfsync", "always")


async def make_every_move(line: Line) -> None:
    await show_each(line, waiting(1), gone(2), parked(3, 1, step(6)))
    reservation = await take(line)
    assert reservation is not None
    assert await line.release(reservation, "anna")
    assert await take(line, until=5) == reserved(1)
    assert await line.put_back_due(QUEUE, moment(6)) == 1
    assert await line.take_steps(QUEUE, moment(6)) == 1
    assert await line.forget(QUEUE, moment(6)) == 1


async def test_every_move_is_made_without_further_ado(line: Line) -> None:
    await make_every_move(line)


async def test_forgotten_scripts_are_loaded_again_for_any_move(line: Line, redis: Redis) -> None:
    await line.show(waiting(1, rank=5), START)
    await redis.script_flush()
    assert await take(line) is not None
    await redis.script_flush()
    assert await line.put_back_due(QUEUE, moment(100)) == 1
    await redis.script_flush()
    assert await line.take_steps(QUEUE, moment(100)) == 0
    await redis.script_flush()
    assert await line.show(gone(1, 2), START)
    await redis.script_flush()
    assert await line.forget(QUEUE, moment(100)) == 1
    await redis.script_flush()
    assert not await line.release(reserved(1), "anna")


@pytest.mark.parametrize("ticks", [1, 10, 30, 60])
async def test_scripts_forgotten_under_load_lose_no_move(
    line: Line, redis: Redis, ticks: int
) -> None:
    leads = [waiting(number, rank=number) for number in range(400)]
    showing = asyncio.create_task(line.show_all(leads, START))
    await forget_scripts_after(ticks, redis)

    await showing
    assert len((await contents(redis, line.keys(QUEUE))).ids()) == 400


@pytest.mark.parametrize("ticks", [1, 10, 30, 60])
async def test_scripts_forgotten_under_load_give_no_lead_twice(
    line: Line, redis: Redis, ticks: int
) -> None:
    await line.show_all([waiting(number, rank=number) for number in range(200)], START)
    operators = [f"operator{number}" for number in range(200)]
    claiming = asyncio.gather(*(take(line, operator) for operator in operators))
    await forget_scripts_after(ticks, redis)

    taken = [item.lead_id for item in await claiming if item]
    assert sorted(taken) == [lead_id(number) for number in range(200)]


async def forget_scripts_after(ticks: int, redis: Redis) -> None:
    for _ in range(ticks):
        await asyncio.sleep(0)
    await redis.script_flush()


async def test_an_emptied_server_is_a_lost_line_until_it_is_built_anew(
    line: Line, redis: Redis
) -> None:
    await show_each(line, waiting(1), claimed(2, 1, "boris"))
    await redis.flushall()

    with pytest.raises(LineLost):
        await take(line)
    await line.show(waiting(1), START)
    with pytest.raises(LineLost):
        await take(line)
    await put_in_step(line)
    assert await take(line) == reserved(1)


async def test_moves_on_an_emptied_server_do_no_harm(line: Line, redis: Redis) -> None:
    await line.show(waiting(1), START)
    reservation = await take(line)
    await redis.flushall()

    assert reservation is not None
    assert not await line.release(reservation, "anna")
    assert await line.put_back_due(QUEUE, moment(100)) == 0
    assert await line.forget(QUEUE, moment(100)) == 0
    assert await redis.dbsize() == 0


@pytest.mark.parametrize(
    "lost",
    [
        *("places", "held", "holders", "holdings", "gone"),
        *("steps", "timelines", "lanes", "lane:everybody"),
    ],
)
async def test_whichever_key_was_lost_alone_no_move_fails(
    line: Line, redis: Redis, lost: str
) -> None:
    steps = (step(2, 7), step(4000, 8, "vip"))
    held = claimed(2, 1, "anna", until=5, timeline=steps)
    await show_each(line, waiting(1, timeline=steps), held, waiting(3, rank=999), gone(4))
    await line.show(parked(5, 1, *steps), START)
    reservation = await take(line, "boris")
    assert await redis.delete(f"{{main}}:{lost}") == 1

    for operator in ("anna", "boris", "carl"):
        await take(line, operator, now=3)
    assert reservation is not None
    await line.release(reservation, "boris")
    await line.put_back_due(QUEUE, moment(3600))
    await line.forget(QUEUE, moment(3600))
    await line.take_steps(QUEUE, moment(4000))
    for version in (1, 2):
        for make in (waiting, claimed, gone):
            for number in (1, 2, 3, 4):
                await line.show(make(number, version), START, again=True)


async def test_a_restarted_server_that_kept_its_data_goes_on(
    own_valkey: OwnValkey, new_line: LineMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = await line_with_two_leads(own_valkey, new_line, monkeypatch)
    await restart(own_valkey, line)

    with pytest.raises(LineLost):
        await take(line, "anna", "again")
    await put_in_step(line, compared=1)
    assert await take(line, "anna", "again") == reserved(1, "first", rank=9)
    assert await take(line, "boris", "his") == reserved(2, "his", rank=8)


async def test_a_restarted_server_that_lost_its_data_is_a_lost_line(
    own_valkey: OwnValkey, new_line: LineMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = await line_with_two_leads(own_valkey, new_line, monkeypatch)
    await restart(own_valkey, line, keeping=False)

    with pytest.raises(LineLost):
        await take(line, "anna", "again")
    await line.show(waiting(2), START)
    await put_in_step(line, compared=1)
    assert await take(line, "boris", "his") == reserved(2, "his")


async def line_with_two_leads(
    own_valkey: OwnValkey, new_line: LineMaker, monkeypatch: pytest.MonkeyPatch
) -> Line:
    monkeypatch.setattr(scripts_module, "PAUSE_SECONDS", 0.02)
    await own_valkey.start(*KEEPING)
    line = new_line(url=own_valkey.url)
    await put_in_step(line)
    await show_each(line, waiting(1, rank=9), waiting(2, rank=8))
    await take(line, "anna", "first")
    return line


async def restart(own_valkey: OwnValkey, line: Line, *, keeping: bool = True) -> None:
    own_valkey.stop()
    with pytest.raises(LineUnavailable):
        await line.show(waiting(1), START)
    await own_valkey.start(*(KEEPING if keeping else ()))
    await until(lambda: is_there(line))


async def is_there(line: Line) -> bool:
    try:
        await in_step(line, [QUEUE])
        await line.put_back_due("nobodys", START)
    except LineUnavailable:
        return False
    return True


@pytest.mark.parametrize("loaded", range(len(scripts_module.SCRIPTS)))
async def test_a_connection_lost_while_scripts_are_loaded_is_made_good(
    redis: Redis, new_client: ClientMaker, monkeypatch: pytest.MonkeyPatch, loaded: int
) -> None:
    client = new_client()
    line = Line(client, "")
    with monkeypatch.context() as broken:
        broken.setattr(scripts_module, "PAUSE_SECONDS", 0.0)
        broken.setattr(client, "script_load", failing_after(loaded, client.script_load))
        with pytest.raises(LineUnavailable):
            await line.show(waiting(1), START)

    await put_in_step(line, compared=1)
    await make_every_move(line)


def failing_after(times: int, load: Callable[[str], Awaitable[str]]) -> Callable[[str], Any]:
    left = iter(range(times))

    async def load_or_fail(text: str) -> str:
        if next(left, None) is None:
            raise RedisConnectionError
        return await load(text)

    return load_or_fail


async def test_moves_made_while_scripts_are_loaded_wait_for_them(
    redis: Redis, new_line: LineMaker
) -> None:
    for ticks in range(60):
        line = new_line()
        moves = [asyncio.create_task(line.put_back_due(QUEUE, START))]
        for _ in range(ticks):
            await asyncio.sleep(0)
        moves.append(asyncio.create_task(line.forget(QUEUE, START)))
        assert await asyncio.gather(*moves, return_exceptions=True) == [0, 0]
