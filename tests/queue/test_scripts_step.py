"""Steps of time: what is due is carried out once, wherever the lead is; the rest is to come."""

import pytest
from line_makers import (
    QUEUE,
    START,
    Contents,
    Maker,
    claimed,
    contents,
    moment,
    name,
    parked,
    show_each,
    step,
    take,
    unix_ms,
    waiting,
)
from redis.asyncio import Redis

from service.leads.lead import State
from service.queue.in_step import clear
from service.queue.line import Line


async def look(redis: Redis, line: Line) -> Contents:
    return await contents(redis, line.keys(QUEUE))


async def test_a_step_that_is_due_moves_a_lead_within_its_lane(line: Line, redis: Redis) -> None:
    await show_each(line, waiting(1, 3, rank=5, timeline=(step(10, 50),)), waiting(2, rank=20))

    assert await line.take_steps(QUEUE, moment(10)) == 1
    assert await look(redis, line) == Contents(
        lanes={"everybody": [(name(1), -50.0), (name(2), -20.0)]},
        places={name(1): "3|everybody|-50", name(2): "1|everybody|-20"},
        held={},
        holders={},
        holdings=[],
        gone={},
    )


async def test_a_step_leads_into_another_lane(line: Line, redis: Redis) -> None:
    await line.show(waiting(1, lane="owner:anna", timeline=(step(15),)), START)

    assert await line.take_steps(QUEUE, moment(15)) == 1
    found = await look(redis, line)
    assert found.lanes == {"everybody": [(name(1), -100.0)]}
    assert found.places == {name(1): "1|everybody|-100"}


async def test_a_step_is_due_to_the_millisecond(line: Line, redis: Redis) -> None:
    await line.show(waiting(1, timeline=(step(10.5, 7),)), START)
    before = await look(redis, line)

    assert await line.take_steps(QUEUE, moment(10.499)) == 0
    assert await look(redis, line) == before
    assert await line.take_steps(QUEUE, moment(10.5)) == 1


async def test_a_step_is_taken_once(line: Line, redis: Redis) -> None:
    await line.show(waiting(1, timeline=(step(10, 7),)), START)
    await line.take_steps(QUEUE, moment(10))
    after = await look(redis, line)

    assert await line.take_steps(QUEUE, moment(1000)) == 0
    assert await look(redis, line) == after


async def test_what_is_taken_leaves_the_timeline_and_the_next_is_waited_for(
    line: Line, redis: Redis
) -> None:
    timeline = (step(10, 7), step(20, 8, "vip"))
    await line.show(waiting(1, timeline=timeline), START)

    await line.take_steps(QUEUE, moment(10))
    found = await look(redis, line)
    assert found.steps == {name(1): unix_ms(20)}
    assert found.timelines == {name(1): f"{unix_ms(20)} vip -8"}


async def test_of_several_that_are_due_the_last_counts(line: Line, redis: Redis) -> None:
    timeline = (step(10, 7, "vip"), step(20, 9, "wholesale"), step(30, 50))
    await line.show(waiting(1, timeline=timeline), START)

    assert await line.take_steps(QUEUE, moment(25)) == 1
    found = await look(redis, line)
    assert found.lanes == {"wholesale": [(name(1), -9.0)]}
    assert (found.steps, found.timelines) == ({}, {})


async def test_a_lead_takes_all_of_its_steps_as_its_row_follows(line: Line, redis: Redis) -> None:
    timeline = tuple(step(number, number, f"lane{number % 3}") for number in range(1, 21))

    for number in range(1, 21):
        rest = timeline[number - 1 :]
        await line.show(waiting(1, number, timeline=rest), moment(number - 1))
        assert await line.take_steps(QUEUE, moment(number)) == 1
        found = await look(redis, line)
        assert found.lanes == {f"lane{number % 3}": [(name(1), -float(number))]}
    assert (found.steps, found.timelines) == ({}, {})


async def test_the_greatest_ranks_are_reached_exactly(line: Line, redis: Redis) -> None:
    for number, rank in enumerate((2**53 - 1, 2**53 - 2, 10**15, 0), start=1):
        await line.show(waiting(number, timeline=(step(1, rank),)), START)
    await line.take_steps(QUEUE, moment(1))

    places = (await look(redis, line)).places
    assert [places[name(number)] for number in (1, 2, 3, 4)] == [
        "1|everybody|-9007199254740991",
        "1|everybody|-9007199254740990",
        "1|everybody|-1000000000000000",
        "1|everybody|0",
    ]


@pytest.mark.parametrize("how", ["claimed", "reserved"])
async def test_who_is_held_stays_held_and_comes_back_to_his_new_place(
    line: Line, redis: Redis, how: str
) -> None:
    timeline = (step(10, 7, "vip"),)
    if how == "claimed":
        await line.show(claimed(1, until=20, timeline=timeline), START)
    else:
        await line.show(waiting(1, timeline=timeline), START)
        await take(line, until=20)
    before = await look(redis, line)

    assert await line.take_steps(QUEUE, moment(10)) == 1
    found = await look(redis, line)
    assert (found.lanes, found.held, found.holders) == ({}, before.held, before.holders)
    assert found.places == {name(1): "1|vip|-7"}
    assert await line.put_back_due(QUEUE, moment(20)) == 1
    assert (await look(redis, line)).lanes == {"vip": [(name(1), -7.0)]}


async def test_a_reservation_is_released_to_the_new_place(line: Line, redis: Redis) -> None:
    await line.show(waiting(1, timeline=(step(10, 7, "vip"),)), START)
    reservation = await take(line)
    await line.take_steps(QUEUE, moment(10))

    assert reservation is not None
    assert await line.release(reservation, "anna")
    assert (await look(redis, line)).lanes == {"vip": [(name(1), -7.0)]}


async def test_a_parked_lead_stands_in_no_lane_until_it_is_due(line: Line, redis: Redis) -> None:
    await line.show(parked(1, 3, step(60, 750, "vip"), step(90, 800)), START)

    assert await line.take_steps(QUEUE, moment(59)) == 0
    assert (await look(redis, line)).lanes == {}
    assert await line.take_steps(QUEUE, moment(60)) == 1
    found = await look(redis, line)
    assert found.lanes == {"vip": [(name(1), -750.0)]}
    assert found.places == {name(1): "3|vip|-750"}
    assert found.steps == {name(1): unix_ms(90)}


async def test_a_parked_lead_that_fell_due_is_claimed_like_any_other(
    line: Line, redis: Redis
) -> None:
    await line.show(parked(1, 3, step(60, 750)), START)
    await line.take_steps(QUEUE, moment(60))
    reservation = await take(line, now=61)

    assert reservation is not None
    assert (reservation.version, reservation.rank) == (3, 750)
    assert await line.release(reservation, "anna")
    assert (await look(redis, line)).ids() == [name(1)]


async def test_no_more_leads_than_asked_for_take_steps_the_longest_overdue_first(
    line: Line, redis: Redis
) -> None:
    for number in range(1, 6):
        timeline = (step(60 - number, 7, "vip"), step(80, 8, "vip"))
        await line.show(waiting(number, timeline=timeline), START)

    assert await line.take_steps(QUEUE, moment(70), limit=2) == 2
    assert (await look(redis, line)).ids("vip") == [name(4), name(5)]
    assert await line.take_steps(QUEUE, moment(70), limit=9) == 3


@pytest.mark.parametrize("make", [waiting, claimed])
async def test_what_a_newer_version_foretells_replaces_what_was_foretold(
    line: Line, redis: Redis, make: Maker
) -> None:
    await line.show(make(1, 1, timeline=(step(10, 7), step(20, 8))), START)
    await line.show(make(1, 2, timeline=(step(15, 9),)), START)

    found = await look(redis, line)
    assert found.steps == {name(1): unix_ms(15)}
    assert found.timelines == {name(1): f"{unix_ms(15)} everybody -9"}


@pytest.mark.parametrize("version", [1, 2])
async def test_what_was_foretold_earlier_does_not_come_back(
    line: Line, redis: Redis, version: int
) -> None:
    await line.show(waiting(1, 2, timeline=(step(10, 7),)), START)
    before = await look(redis, line)

    await line.show(waiting(1, version, timeline=(step(5, 9),)), START)
    assert await look(redis, line) == before


@pytest.mark.parametrize("state", [State.SETTLED, State.JOINED])
@pytest.mark.parametrize("make", [waiting, claimed, parked])
async def test_who_has_left_takes_no_more_steps(
    line: Line, redis: Redis, make: Maker, state: State
) -> None:
    timeline = (step(10, 7),)
    await show_each(line, parked(1, 1, *timeline) if make is parked else make(1, timeline=timeline))
    await line.show(waiting(1, 2, state=state, timeline=timeline), START)

    assert await line.take_steps(QUEUE, moment(20)) == 0
    found = await look(redis, line)
    assert (found.lanes, found.steps, found.timelines) == ({}, {}, {})
    assert list(found.gone) == [name(1)]


async def test_a_dropped_lead_takes_no_more_steps(line: Line, redis: Redis) -> None:
    lead = waiting(1, timeline=(step(10, 7),))
    await line.show(lead, START)
    await line.drop(QUEUE, lead.id, START)

    assert await line.take_steps(QUEUE, moment(20)) == 0
    assert (await look(redis, line)).timelines == {}


async def test_a_lane_that_only_steps_led_into_is_cleared_with_the_line(
    line: Line, redis: Redis
) -> None:
    await show_each(line, waiting(1, timeline=(step(10, lane="vip"),)), parked(2, 1, step(10)))
    await line.show(claimed(3, until=20, timeline=(step(10, lane="owner:an"),)), START)
    await line.take_steps(QUEUE, moment(20))
    await line.put_back_due(QUEUE, moment(20))

    await clear(line, QUEUE)
    assert await redis.dbsize() == 0


async def test_an_empty_line_has_no_steps(line: Line) -> None:
    assert await line.take_steps(QUEUE, moment(50)) == 0


async def test_another_queue_is_left_alone(line: Line, redis: Redis) -> None:
    await line.show(waiting(1, timeline=(step(10, 7),)), START)
    before = await look(redis, line)

    assert await line.take_steps("main2", moment(50)) == 0
    assert await look(redis, line) == before
