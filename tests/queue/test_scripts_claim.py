"""Claiming: the first lead of the operator's lanes, or the one that he holds already."""

import asyncio

import pytest
from line_makers import (
    QUEUE,
    START,
    claim_of,
    claimed,
    contents,
    gone,
    lead_id,
    moment,
    name,
    parked,
    put_in_step,
    reserved,
    show_each,
    step,
    take,
    unix_ms,
    waiting,
)
from redis.asyncio import Redis

from service.leads.errors import LineLost
from service.queue.line import STEPS_IN_A_CLAIM, Line

ALIKE = ["an", "anna", "an.na", "an-na", "ann", "an@na", "an_na", "AN", "a"]


async def test_an_empty_line_gives_nothing(line: Line) -> None:
    assert await take(line) is None


async def test_the_first_of_the_lane_is_given(line: Line) -> None:
    await show_each(line, waiting(1, rank=5), waiting(2, 7, rank=9), waiting(3, rank=8))

    assert await take(line, "anna", "secret") == reserved(2, "secret", 7, rank=9, second=(3, 8))


async def test_a_reserved_lead_is_held_and_stands_in_no_lane(line: Line, redis: Redis) -> None:
    await show_each(line, waiting(1, rank=5), waiting(2, rank=9))
    await take(line, "anna", "secret", until=5.25)

    found = await contents(redis, line.keys(QUEUE))
    assert found.ids() == [name(1)]
    assert found.held == {name(2): unix_ms(5.25)}
    assert found.holders == {name(2): "anna secret"}
    assert found.holdings == [f"anna {name(2)}"]
    assert found.places[name(2)] == "1|everybody|-9"


async def test_the_best_of_several_lanes_is_given(line: Line) -> None:
    await show_each(line, waiting(1, rank=5, lane="a"), waiting(2, rank=9, lane="b"))
    await show_each(line, waiting(3, rank=7, lane="c"))

    got = [await take(line, operator, lanes=("a", "b", "c")) for operator in ("x", "y", "z", "w")]
    assert [item.lead_id if item else None for item in got] == [
        lead_id(2),
        lead_id(3),
        lead_id(1),
        None,
    ]


@pytest.mark.parametrize("lanes", [("a", "b"), ("b", "a")])
@pytest.mark.parametrize(("in_a", "in_b"), [(1, 2), (2, 1)])
async def test_equal_ranks_of_two_lanes_follow_their_ids(
    line: Line, lanes: tuple[str, ...], in_a: int, in_b: int
) -> None:
    await show_each(line, waiting(in_a, lane="a"), waiting(in_b, lane="b"))

    got = await take(line, lanes=lanes)
    assert got is not None
    assert got.lead_id == lead_id(1)


async def test_the_greatest_ranks_of_two_lanes_are_told_apart(line: Line) -> None:
    greatest = 2**53 - 1
    await show_each(
        line, waiting(1, rank=greatest - 1, lane="a"), waiting(2, rank=greatest, lane="b")
    )

    got = await take(line, lanes=("a", "b"))
    assert got is not None
    assert got.lead_id == lead_id(2)


async def test_a_lane_that_is_not_his_gives_him_nothing(line: Line, redis: Redis) -> None:
    await line.show(waiting(1, lane="wholesale"), START)

    assert await take(line, lanes=("everybody", "vip")) is None
    assert (await contents(redis, line.keys(QUEUE))).ids("wholesale") == [name(1)]


async def test_without_lanes_there_is_nothing(line: Line) -> None:
    await line.show(waiting(1), START)

    assert await take(line, lanes=()) is None


async def test_no_lead_is_given_to_two_operators(line: Line) -> None:
    await line.show_all([waiting(number, rank=number) for number in range(200)], START)

    operators = [f"operator{number}" for number in range(250)]
    got = await asyncio.gather(*(take(line, operator) for operator in operators))
    ids = [item.lead_id for item in got if item]
    assert len(ids) == len(set(ids)) == 200


async def test_at_capacity_the_held_lead_comes_back_under_its_token(
    line: Line, redis: Redis
) -> None:
    await show_each(line, waiting(1, 4, rank=5), waiting(2, rank=4))
    first = await take(line, "anna", "first")
    before = await contents(redis, line.keys(QUEUE))

    assert first == reserved(1, "first", 4, rank=5, second=(2, 4))
    assert await take(line, "anna", "second") == reserved(1, "first", 4, rank=5)
    assert await contents(redis, line.keys(QUEUE)) == before


async def test_a_held_lead_comes_back_though_a_better_one_waits(line: Line) -> None:
    await show_each(line, claimed(1, 6, "anna", "hers", rank=5), waiting(2, rank=50))

    assert await take(line, "anna", "new") == reserved(1, "hers", 6, rank=5)


async def test_a_held_lead_comes_back_from_a_lane_that_is_no_longer_his(line: Line) -> None:
    await line.show(claimed(1, 6, "anna", "hers", lane="wholesale"), START)

    assert await take(line, "anna", "new") == reserved(1, "hers", 6)


async def test_below_capacity_another_lead_is_given(line: Line) -> None:
    await show_each(line, *(waiting(number, rank=100 - number) for number in range(1, 5)))

    got = [await take(line, "anna", f"t{number}", capacity=3) for number in range(1, 6)]
    assert got == [
        reserved(1, "t1", rank=99, second=(2, 98)),
        reserved(2, "t2", rank=98, second=(3, 97)),
        reserved(3, "t3", rank=97, second=(4, 96)),
        reserved(1, "t1", rank=99),
        reserved(1, "t1", rank=99),
    ]


async def test_who_holds_more_than_he_may_is_given_the_first_of_them(line: Line) -> None:
    await show_each(line, *(claimed(number, 1, "anna", f"t{number}") for number in (3, 1, 2)))
    await line.show(waiting(4), START)

    assert await take(line, "anna", "new", capacity=2) == reserved(1, "t1")


async def test_below_capacity_an_empty_lane_gives_nothing(line: Line) -> None:
    await line.show(claimed(1, 1, "anna", "hers"), START)

    assert await take(line, "anna", "new", capacity=2) is None


async def test_what_he_holds_in_one_queue_does_not_count_in_another(line: Line) -> None:
    await put_in_step(line, "other")
    await show_each(line, claimed(1, 1, "anna", "hers"), waiting(2, queue="other"))

    expected = reserved(2, "new", queue="other")
    assert await take(line, "anna", "new", queue="other") == expected


@pytest.mark.parametrize("order", [ALIKE, ALIKE[::-1]])
async def test_operators_whose_names_begin_alike_are_apart(line: Line, order: list[str]) -> None:
    leads = {operator: number for number, operator in enumerate(order, start=1)}
    await show_each(line, *(waiting(number, rank=99 - number) for number in leads.values()))

    for operator, number in leads.items():
        got = await take(line, operator, operator)
        assert got is not None
        assert got.lead_id == lead_id(number)
    for operator, number in leads.items():
        expected = reserved(number, operator, rank=99 - number)
        assert await take(line, operator, "again") == expected


async def test_who_let_his_lead_go_is_given_another(line: Line) -> None:
    await show_each(line, claimed(1, 1, "anna", "hers"), waiting(2))
    await line.show(gone(1, 2), START)

    assert await take(line, "anna", "new") == reserved(2, "new")


async def test_the_version_given_is_the_newest_that_was_shown(line: Line) -> None:
    await show_each(line, waiting(1, 3), waiting(1, 12, rank=7))

    assert await take(line, "anna", "new") == reserved(1, "new", 12, rank=7)


@pytest.mark.parametrize("holds", [True, False])
async def test_a_line_without_its_epoch_is_lost(line: Line, redis: Redis, holds: bool) -> None:
    await show_each(line, waiting(1), *([claimed(2)] if holds else []))
    await put_in_step(line, "main2", "mai")
    await redis.delete(line.keys(QUEUE).epoch)
    before = await contents(redis, line.keys(QUEUE))

    with pytest.raises(LineLost):
        await take(line)
    assert await contents(redis, line.keys(QUEUE)) == before


async def test_one_lost_line_among_many_claims_fails_alone(line: Line) -> None:
    await line.show(waiting(1), START)
    claims = (line.claim(queue, ["everybody"], claim_of(), 1) for queue in (QUEUE, "lost", QUEUE))

    first, lost, again = await asyncio.gather(*claims, return_exceptions=True)
    assert isinstance(lost, LineLost)
    assert first == again == reserved(1)


async def test_the_second_is_who_would_have_been_given_instead(line: Line) -> None:
    await show_each(line, waiting(1, rank=9, lane="a"), waiting(2, rank=7, lane="a"))
    await show_each(line, waiting(3, rank=8, lane="b"), waiting(4, rank=99, lane="c"))

    got = [await take(line, operator, lanes=("a", "b")) for operator in ("x", "y", "z")]
    assert got == [
        reserved(1, rank=9, second=(3, 8)),
        reserved(3, rank=8, second=(2, 7)),
        reserved(2, rank=7),
    ]


@pytest.mark.parametrize("lanes", [("a", "b", "c"), ("c", "b", "a")])
async def test_the_second_of_the_winning_lane_may_be_second(
    line: Line, lanes: tuple[str, ...]
) -> None:
    await show_each(line, waiting(1, rank=9, lane="b"), waiting(2, rank=8, lane="b"))
    await show_each(line, waiting(3, rank=7, lane="a"), waiting(4, rank=6, lane="c"))

    assert await take(line, lanes=lanes) == reserved(1, rank=9, second=(2, 8))


@pytest.mark.parametrize("lanes", [("a", "b"), ("b", "a")])
async def test_of_equal_ranks_the_lower_id_is_second(line: Line, lanes: tuple[str, ...]) -> None:
    await show_each(line, waiting(1, lane="a"), waiting(3, lane="a"), waiting(2, lane="b"))

    assert await take(line, lanes=lanes) == reserved(1, second=(2, 100))


@pytest.mark.parametrize("rank", [2**53 - 1, 10**15, 1])
async def test_ranks_are_told_exactly(line: Line, rank: int) -> None:
    await show_each(line, waiting(1, rank=rank), waiting(2, rank=rank - 1))

    assert await take(line) == reserved(1, rank=rank, second=(2, rank - 1))
    assert await take(line) == reserved(1, rank=rank)


async def test_leads_stand_where_time_has_brought_them_before_one_is_picked(line: Line) -> None:
    await show_each(line, waiting(1, rank=9), waiting(2, rank=5, timeline=(step(10, 50),)))
    await show_each(line, waiting(3, lane="owner:boris", rank=99, timeline=(step(20, 70),)))
    await line.show(parked(4, 3, step(30, 60)), START)

    got = [await take(line, f"operator{now}", now=now) for now in (9.999, 10, 20, 30)]
    assert got == [
        reserved(1, rank=9, second=(2, 5)),
        reserved(2, rank=50),
        reserved(3, rank=70),
        reserved(4, version=3, rank=60),
    ]


async def test_a_lead_that_passed_on_is_no_longer_given_in_its_old_lane(line: Line) -> None:
    await line.show(waiting(1, lane="vip", timeline=(step(10),)), START)

    assert await take(line, lanes=("vip",), now=10) is None
    assert await take(line, now=10) == reserved(1)


async def test_the_rank_of_a_held_lead_is_what_time_has_made_of_it(line: Line) -> None:
    await line.show(waiting(1, timeline=(step(10, 50),)), START)
    await take(line)
    await line.take_steps(QUEUE, moment(10))

    assert await take(line, now=10) == reserved(1, rank=50)


async def test_a_claim_has_only_so_many_leads_take_their_steps(line: Line, redis: Redis) -> None:
    late = range(1, STEPS_IN_A_CLAIM + 11)
    leads = (waiting(number, lane="vip", timeline=(step(number / 100),)) for number in late)
    await line.show_all(list(leads), START)

    assert await take(line, now=10) == reserved(1, second=(2, 100))
    assert len((await contents(redis, line.keys(QUEUE))).timelines) == 10
    assert await take(line, "boris", now=10) == reserved(2, second=(3, 100))
    assert (await contents(redis, line.keys(QUEUE))).timelines == {}


async def test_in_a_lost_line_no_lead_takes_steps(line: Line, redis: Redis) -> None:
    await line.show(waiting(1, timeline=(step(10, 7),)), START)
    await redis.delete(line.keys(QUEUE).epoch)
    before = await contents(redis, line.keys(QUEUE))

    with pytest.raises(LineLost):
        await take(line, now=20)
    assert await contents(redis, line.keys(QUEUE)) == before
