"""How far the line is in step, what it knows, and clearing it: one queue's keys and no others."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from line_makers import (
    QUEUE,
    START,
    LineMaker,
    claimed,
    contents,
    gone,
    moment,
    name,
    parked,
    put_in_step,
    reserved,
    show_each,
    step,
    waiting,
)
from redis.asyncio import Redis
from redis.crc import key_slot

from service.leads.errors import LineUnavailable
from service.leads.lead import Lead
from service.queue.in_step import InStep, begin_in_step, clear, in_step, ping, set_in_step, versions
from service.queue.line import BATCH, Line

NEIGHBOURS = ["main", "main2", "mai", "xmain", "m_in", "main-2"]


async def fill(line: Line, queue: str) -> None:
    """Give every kind of key of a queue something."""
    await put_in_step(line, queue)
    lanes = ("everybody", "vip", "owner:anna")
    leads = (waiting(number, lane=lane, queue=queue) for number, lane in enumerate(lanes, start=1))
    await show_each(line, *leads, waiting(8, rank=1000, queue=queue), gone(9, queue=queue))
    await line.show(parked(7, 1, step(60), queue=queue), START)
    await line.claim(queue, ["everybody"], claimed().claim, 1)  # type: ignore[arg-type]


async def dump(redis: Redis) -> dict[str, bytes]:
    return {
        key: await redis.execute_command("DUMP", key, NEVER_DECODE=True)
        async for key in redis.scan_iter()
    }


async def test_who_was_never_in_step_is_lost(line: Line) -> None:
    assert await in_step(line, ["main2", "parts"]) == {}


async def test_being_in_step_is_kept_for_each_queue(line: Line) -> None:
    early, late = InStep(moment(5), moment(9)), InStep(moment(0.125), moment(7))
    await begin_in_step(line, "main", early)
    await begin_in_step(line, "main2", late)

    assert await in_step(line, ["main2", "parts", "main"]) == {"main": early, "main2": late}


async def test_being_in_step_moves_on_for_the_queues_named(line: Line) -> None:
    before, after = InStep(START, START), InStep(moment(5), moment(9))
    for queue in ("main", "main2", "parts"):
        await begin_in_step(line, queue, before)
    await set_in_step(line, ["main", "parts"], after)

    found = await in_step(line, ["main", "main2", "parts"])
    assert found == {"main": after, "main2": before, "parts": after}


async def test_a_line_that_was_lost_meanwhile_stays_lost(line: Line, redis: Redis) -> None:
    await redis.delete(line.keys(QUEUE).epoch)
    await set_in_step(line, [QUEUE], InStep(moment(5), moment(9)))

    assert await in_step(line, [QUEUE]) == {}


async def test_being_in_step_is_told_to_the_millisecond(line: Line) -> None:
    precise = START + timedelta(microseconds=1_999_600)
    await set_in_step(line, [QUEUE], InStep(precise, START))

    assert await in_step(line, [QUEUE]) == {QUEUE: InStep(moment(2), START)}


async def test_no_queues_are_no_trouble(line: Line) -> None:
    await set_in_step(line, [], InStep(START, START))

    assert await in_step(line, []) == {}


async def test_versions_are_told_in_the_order_asked(line: Line) -> None:
    await show_each(line, waiting(1, 12), claimed(2, 7), gone(3, 30))

    found = await versions(line, QUEUE, [name(3), name(4), name(1), name(2), name(1)])
    assert found == [30, -1, 12, 7, 12]


async def test_a_queue_does_not_know_the_leads_of_another(line: Line) -> None:
    await line.show(waiting(1, 12, queue="main2"), START)

    assert await versions(line, QUEUE, [name(1)]) == [-1]
    assert await versions(line, "main2", [name(1)]) == [12]


async def test_no_leads_have_no_versions(line: Line) -> None:
    assert await versions(line, QUEUE, []) == []


@pytest.mark.parametrize("cleared", NEIGHBOURS)
async def test_clearing_removes_one_queue_and_no_other(
    line: Line, redis: Redis, cleared: str
) -> None:
    for queue in NEIGHBOURS:
        await fill(line, queue)
    before = await dump(redis)

    await clear(line, cleared)
    others = {key: text for key, text in before.items() if f"{{{cleared}}}" not in key}
    assert await dump(redis) == others
    assert len(before) - len(others) == 12


async def test_clearing_leaves_other_installations_alone(new_line: LineMaker, redis: Redis) -> None:
    installations = [new_line(prefix) for prefix in ("", "x:", "x.", "yx:")]
    for installation in installations:
        await fill(installation, QUEUE)
    before = await dump(redis)

    await clear(installations[1], QUEUE)
    others = {key: text for key, text in before.items() if not key.startswith("x:")}
    assert await dump(redis) == others


async def test_clearing_removes_more_lanes_than_one_look_finds(line: Line, redis: Redis) -> None:
    leads = [waiting(number, lane=f"owner:{number}") for number in range(3 * BATCH)]
    await line.show_all(leads, START)

    await clear(line, QUEUE)
    assert await redis.dbsize() == 0


async def test_clearing_removes_lanes_in_which_leads_stand_since_they_were_put_back(
    line: Line, redis: Redis
) -> None:
    await show_each(line, claimed(1, lane="vip", until=5), claimed(2, 1, "an", lane="owner:an"))
    await line.put_back_due(QUEUE, moment(6))
    await line.release(reserved(2), "an")

    await clear(line, QUEUE)
    assert await redis.dbsize() == 0


async def test_a_line_that_is_empty_can_be_cleared(line: Line) -> None:
    for queue in ("main", "nobodys"):
        await clear(line, queue)
        await clear(line, queue)


async def test_a_cleared_line_is_lost(line: Line) -> None:
    await clear(line, QUEUE)

    assert await in_step(line, [QUEUE]) == {}


async def test_a_cleared_line_believes_older_versions_again(line: Line) -> None:
    await line.show(waiting(1, 9), START)
    await clear(line, QUEUE)

    assert await line.show(waiting(1, 8), START)


@pytest.mark.parametrize("queue", ["main", "parts", "wholesale", "tyres"])
async def test_leads_shown_while_a_line_is_cleared_stand_in_the_line_built_anew(
    line: Line, redis: Redis, new_line: LineMaker, queue: str
) -> None:
    """Where each key is met in clearing follows from the queue's name, so there are several."""
    await line.show_all(one_in_each_lane(queue, version=1), START)
    newer = one_in_each_lane(queue, version=2)
    clearing = asyncio.create_task(clear(line, queue))
    await show_each(new_line(), *newer)
    await clearing
    await line.show_all(newer, START)
    found = await contents(redis, line.keys(queue))

    await redis.flushall()
    await line.show_all(newer, START)
    assert found == await contents(redis, line.keys(queue))


def one_in_each_lane(queue: str, version: int) -> list[Lead]:
    return [waiting(number, version, lane=f"owner:{number}", queue=queue) for number in range(300)]


async def test_every_key_of_a_queue_shares_its_hash_tag(line: Line, redis: Redis) -> None:
    for queue in NEIGHBOURS:
        await fill(line, queue)
        keys = line.keys(queue)
        found = [key async for key in redis.scan_iter() if key.startswith(f"{{{queue}}}:")]
        slots = {key_slot(key.encode()) for key in (*found, keys.arrivals)}
        assert len(found) == 12
        assert slots == {key_slot(queue.encode())}


async def test_the_hash_tag_is_kept_behind_a_prefix(new_line: LineMaker) -> None:
    keys = new_line("shop-7:").keys("main")

    assert keys.places == "shop-7:{main}:places"
    assert key_slot(keys.places.encode()) == key_slot(b"main")


async def test_a_ping_is_answered(line: Line) -> None:
    await ping(line)


async def test_a_ping_to_nobody_fails(tmp_path: Path, new_line: LineMaker) -> None:
    with pytest.raises(LineUnavailable):
        await ping(new_line(url=f"unix://{tmp_path}/nowhere.sock"))
