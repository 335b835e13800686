"""Looking at the line: the order in which leads would be served, and where an operator may turn."""

import asyncio

import pytest
from line_makers import (
    QUEUE,
    START,
    claimed,
    contents,
    gone,
    lead_id,
    moment,
    name,
    parked,
    put_in_step,
    show_each,
    step,
    take,
    waiting,
)
from redis.asyncio import Redis

from service.leads.errors import LineLost
from service.queue.line import Line
from service.queue.preview import Position, Prospect, prospects, upcoming

ALL_QUEUES = ["main", "main2", "parts"]


@pytest.fixture
async def lines(line: Line) -> Line:
    """Three queues in step, with leads in two lanes of each."""
    await put_in_step(line, *ALL_QUEUES)
    await show_each(
        line,
        waiting(1, rank=50),
        waiting(2, rank=90, lane="vip"),
        waiting(3, rank=70, queue="main2"),
        waiting(4, rank=50, queue="main2", lane="vip"),
        waiting(5, rank=80, queue="parts"),
        waiting(6, rank=50, queue="parts"),
    )
    return line


async def test_leads_of_all_queues_and_lanes_come_in_one_order(lines: Line) -> None:
    found = await upcoming(lines, dict.fromkeys(ALL_QUEUES, ("everybody", "vip")), 100, START)

    assert found == [name(number) for number in (2, 5, 3, 1, 4, 6)]


@pytest.mark.parametrize("limit", range(8))
async def test_no_more_than_asked_for_come_the_first_of_all(lines: Line, limit: int) -> None:
    every_one = await upcoming(lines, dict.fromkeys(ALL_QUEUES, ("everybody", "vip")), 100, START)

    assert (
        await upcoming(lines, dict.fromkeys(ALL_QUEUES, ("everybody", "vip")), limit, START)
        == every_one[:limit]
    )


@pytest.mark.parametrize(
    ("queues", "lanes", "numbers"),
    [
        (["main"], ["everybody", "vip"], [2, 1]),
        (["main"], ["everybody"], [1]),
        (["main", "main2"], ["vip"], [2, 4]),
        (["parts"], ["vip"], []),
        ([], ["everybody"], []),
        (["main"], [], []),
    ],
)
async def test_only_the_queues_and_lanes_asked_for_are_seen(
    lines: Line, queues: list[str], lanes: list[str], numbers: list[int]
) -> None:
    assert await upcoming(lines, dict.fromkeys(queues, lanes), 100, START) == [
        name(number) for number in numbers
    ]


async def test_held_and_gone_leads_do_not_wait(lines: Line) -> None:
    await show_each(lines, claimed(1, 2), gone(3, 2, queue="main2"))
    await take(lines, "boris", queue="parts")

    assert await upcoming(lines, dict.fromkeys(ALL_QUEUES, ("everybody",)), 100, START) == [name(6)]


async def test_equal_ranks_follow_their_ids_over_queues_and_lanes(line: Line) -> None:
    await put_in_step(line, "main2")
    await show_each(line, waiting(3), waiting(1, lane="vip"), waiting(2, queue="main2"))

    found = await upcoming(line, dict.fromkeys(["main2", "main"], ("vip", "everybody")), 2, START)
    assert found == [name(1), name(2)]


async def test_the_preview_is_the_order_of_the_claims(line: Line) -> None:
    ranks = [(number, number * 7 % 5, ("a", "b", "c")[number % 3]) for number in range(1, 40)]
    await show_each(line, *(waiting(number, rank=rank, lane=lane) for number, rank, lane in ranks))

    expected = await upcoming(line, dict.fromkeys([QUEUE], ("a", "b", "c")), 100, START)
    operators = (f"operator{number}" for number in range(len(expected)))
    taken = [await take(line, operator, lanes=("c", "a", "b")) for operator in operators]
    assert [str(item.lead_id) for item in taken if item] == expected


async def test_looking_moves_nothing(lines: Line, redis: Redis) -> None:
    before = await contents(redis, lines.keys(QUEUE))
    await upcoming(lines, dict.fromkeys(ALL_QUEUES, ("everybody", "vip")), 100, START)
    await prospects(lines, dict.fromkeys(ALL_QUEUES, ("everybody", "vip")), "anna", START)

    assert await contents(redis, lines.keys(QUEUE)) == before


@pytest.mark.parametrize("lost", ALL_QUEUES)
async def test_one_lost_line_is_not_passed_over(lines: Line, redis: Redis, lost: str) -> None:
    await redis.delete(lines.keys(lost).epoch)

    with pytest.raises(LineLost):
        await upcoming(lines, dict.fromkeys(ALL_QUEUES, ("everybody",)), 100, START)
    with pytest.raises(LineLost):
        await prospects(lines, dict.fromkeys(ALL_QUEUES, ("everybody",)), "anna", START)


async def test_the_queue_with_the_best_head_comes_first(lines: Line) -> None:
    assert await prospects(lines, dict.fromkeys(ALL_QUEUES, ("everybody",)), "anna", START) == [
        Prospect("parts", 0, Position(-80, name(5))),
        Prospect("main2", 0, Position(-70, name(3))),
        Prospect("main", 0, Position(-50, name(1))),
    ]


async def test_the_head_is_the_best_of_his_lanes(lines: Line) -> None:
    assert await prospects(
        lines, dict.fromkeys(ALL_QUEUES, ("everybody", "vip")), "anna", START
    ) == [
        Prospect("main", 0, Position(-90, name(2))),
        Prospect("parts", 0, Position(-80, name(5))),
        Prospect("main2", 0, Position(-70, name(3))),
    ]


async def test_equal_heads_follow_their_ids(line: Line) -> None:
    await put_in_step(line, *ALL_QUEUES)
    await show_each(line, waiting(2), waiting(1, queue="parts"), waiting(3, queue="main2"))

    found = await prospects(line, dict.fromkeys(ALL_QUEUES, ("everybody",)), "anna", START)
    assert [item.queue for item in found] == ["parts", "main", "main2"]


async def test_queues_that_have_nothing_come_last_in_the_order_given(lines: Line) -> None:
    queues = ["empty", "main", "void"]
    await put_in_step(lines, *queues)

    assert await prospects(lines, dict.fromkeys(queues, ("vip",)), "anna", START) == [
        Prospect("main", 0, Position(-90, name(2))),
        Prospect("empty", 0, None),
        Prospect("void", 0, None),
    ]


async def test_without_lanes_only_what_he_holds_is_counted(lines: Line) -> None:
    await lines.show(claimed(1, 2, "anna"), START)

    assert await prospects(lines, dict.fromkeys(["main", "parts"], ()), "anna", START) == [
        Prospect("main", 1, None),
        Prospect("parts", 0, None),
    ]


async def test_what_he_holds_is_counted_for_each_queue(lines: Line) -> None:
    for token in ("one", "two"):
        await take(lines, "anna", token, queue="parts", capacity=2)
    await take(lines, "anna", queue="main2")

    found = await prospects(lines, dict.fromkeys(ALL_QUEUES, ("everybody",)), "anna", START)
    assert {item.queue: item.held for item in found} == {"main": 0, "main2": 1, "parts": 2}


async def test_what_others_hold_whose_names_begin_alike_is_not_counted(line: Line) -> None:
    for number, operator in enumerate(("an", "anna", "an.na", "an-na", "ann"), start=1):
        await line.show(claimed(number, 1, operator), START)

    for operator, held in {"an": 1, "anna": 1, "an.na": 1, "a": 0, "annabel": 0}.items():
        assert await prospects(line, dict.fromkeys([QUEUE], ("everybody",)), operator, START) == [
            Prospect(QUEUE, held, None)
        ]


async def test_lines_longer_than_asked_for_are_merged_right(line: Line) -> None:
    await put_in_step(line, "main2")
    leads = [
        waiting(number, rank=number, queue=("main", "main2")[number % 2])
        for number in range(1, 101)
    ]
    await line.show_all(leads, START)

    found = await upcoming(line, dict.fromkeys(["main", "main2"], ("everybody",)), 10, START)
    assert found == [str(lead_id(number)) for number in range(100, 90, -1)]


@pytest.mark.parametrize("operators", [40, 400])
async def test_many_operators_look_at_the_line_at_once(lines: Line, operators: int) -> None:
    looks = [
        prospects(lines, {"parts": ("everybody",)}, f"operator{n}", START) for n in range(operators)
    ]

    found = await asyncio.gather(*looks)
    assert found == [[Prospect("parts", 0, Position(-80, name(5)))]] * operators


@pytest.fixture
async def moving(lines: Line) -> Line:
    """The same queues; in ten seconds a lead rises, one passes on and one falls due."""
    await show_each(
        lines,
        waiting(1, 2, rank=50, timeline=(step(10, 95),)),
        waiting(4, 2, rank=50, lane="vip", queue="main2", timeline=(step(10, 75),)),
        parked(7, 1, step(10, 85), queue="parts"),
    )
    return lines


async def test_leads_are_seen_where_time_has_brought_them(moving: Line) -> None:
    found = [
        await upcoming(moving, dict.fromkeys(ALL_QUEUES, ("everybody",)), 100, moment(seconds))
        for seconds in (9.999, 10)
    ]
    assert found == [
        [name(number) for number in (5, 3, 1, 6)],
        [name(number) for number in (1, 7, 5, 4, 3, 6)],
    ]


async def test_heads_are_seen_where_time_has_brought_them(moving: Line) -> None:
    assert await prospects(
        moving, dict.fromkeys(ALL_QUEUES, ("everybody",)), "anna", moment(10)
    ) == [
        Prospect("main", 0, Position(-95, name(1))),
        Prospect("parts", 0, Position(-85, name(7))),
        Prospect("main2", 0, Position(-75, name(4))),
    ]


async def test_a_look_at_one_queue_moves_no_lead_of_another(moving: Line, redis: Redis) -> None:
    before = await contents(redis, moving.keys("parts"))
    await upcoming(moving, dict.fromkeys(["main"], ("everybody",)), 100, moment(10))

    assert await contents(redis, moving.keys("parts")) == before
