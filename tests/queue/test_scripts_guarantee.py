"""Of so many claims at least one takes the longest-late lead that the asker may take."""

from dataclasses import replace

import pytest
from line_makers import (
    QUEUE,
    START,
    claim_of,
    claimed,
    gone,
    lead_id,
    moment,
    name,
    parked,
    show_each,
    step,
    waiting,
)
from redis.asyncio import Redis

from service.leads.lead import Lead
from service.queue.in_step import clear
from service.queue.line import Line, Reservation

EVERY = 3


def late(lead: Lead, at: float | None = 0, *, protected=False, behind=False) -> Lead:
    """The same lead under a policy with a guarantee, late so many seconds after the start."""
    late_at = None if at is None else moment(at)
    flags = {"guaranteed": True, "protected": protected, "behind": behind, "late_at": late_at}
    return replace(lead, ranking=replace(lead.ranking, **flags))


async def take(
    line: Line, *, now: float = 10, lanes=("everybody",), every: int | None = EVERY, operator="x"
) -> Reservation | None:
    claim = claim_of(operator, f"token of {operator}", until=now + 60, now=now)
    return await line.claim(QUEUE, lanes, claim, 100, every=every)


async def numbers(line: Line, count: int, **how) -> list[int]:
    taken = [await take(line, **how) for _ in range(count)]
    return [0 if one is None else one.lead_id.int for one in taken]


async def undo(line: Line, reservation: Reservation, way: str) -> None:
    """Undo a reservation of the operator x, as the service or as Postgres does."""
    if way == "release":
        assert await line.release(reservation, "x")
    else:
        await line.give_count_back(reservation)


async def late_sets(redis: Redis, line: Line) -> dict[str, list[str]]:
    prefix = line.keys(QUEUE).late
    keys = sorted(await redis.keys(prefix + "*"))
    return {key.removeprefix(prefix): await redis.zrange(key, 0, -1) for key in keys}


async def test_every_third_claim_takes_the_longest_late(line: Line) -> None:
    await show_each(line, *(late(waiting(n, rank=n), n) for n in range(1, 9)))
    assert await numbers(line, 7) == [8, 7, 1, 6, 5, 2, 4]


async def test_without_a_guarantee_the_rank_alone_decides(line: Line) -> None:
    await show_each(line, *(late(waiting(n, rank=n), n) for n in range(1, 6)))
    assert await numbers(line, 5, every=None) == [5, 4, 3, 2, 1]


async def test_the_decision_is_told_with_the_head_that_was_passed_over(line: Line) -> None:
    await show_each(line, *(late(waiting(n, rank=n), n) for n in range(1, 6)))
    one, two, three = [await take(line) for _ in range(3)]
    assert one is not None
    assert two is not None
    assert three is not None
    assert [item.guaranteed for item in (one, two, three)] == [False, False, True]
    assert [item.count for item in (one, two, three)] == [1, 2, 3]
    assert three.lead_id == lead_id(1)
    assert three.rank == 1
    assert three.second is not None
    assert (three.second.lead_id, three.second.rank) == (lead_id(3), 3)


async def test_who_is_not_late_yet_is_not_taken_and_the_count_stays_due(line: Line) -> None:
    await show_each(line, *(late(waiting(n, rank=n), 20) for n in range(1, 9)))
    assert await numbers(line, 4, now=10) == [8, 7, 6, 5]
    assert await numbers(line, 1, now=20) == [1]
    assert await numbers(line, 2, now=21) == [4, 3]


async def test_a_protected_head_goes_first_and_the_guarantee_waits_for_the_next(line: Line) -> None:
    await show_each(line, *(late(waiting(n, rank=n), n) for n in range(1, 5)))
    await show_each(line, late(waiting(9, rank=9), None, protected=True))
    await show_each(line, late(waiting(8, rank=8), None, protected=True))
    await show_each(line, late(waiting(7, rank=7), None, protected=True))
    assert await numbers(line, 5) == [9, 8, 7, 1, 4]


async def test_who_is_behind_comes_after_all_others_that_are_late(line: Line) -> None:
    await show_each(line, late(waiting(1, rank=1), 1, behind=True), late(waiting(2, rank=2), 5))
    await show_each(line, *(waiting(n, rank=n) for n in range(3, 9)))
    assert await numbers(line, 6) == [8, 7, 2, 6, 5, 1]


async def test_who_stands_first_and_is_the_longest_late_satisfies_it(line: Line) -> None:
    await show_each(line, late(waiting(9, rank=9), 1), *(waiting(n, rank=n) for n in (10, 11)))
    await show_each(line, *(late(waiting(n, rank=n), 5) for n in (1, 2, 3)))
    taken = [await take(line) for _ in range(4)]
    assert [one and (one.lead_id.int, one.guaranteed) for one in taken] == [
        (11, False), (10, False), (9, False), (3, False),
    ]  # fmt: skip


async def test_only_lanes_of_the_asker_are_looked_at(line: Line, redis: Redis) -> None:
    await show_each(line, late(waiting(1, rank=1, lane="mentors"), 1))
    await show_each(line, late(waiting(2, rank=2, lane="anna>everybody"), 2))
    await show_each(line, *(late(waiting(n, rank=n), n) for n in range(3, 9)))
    assert await numbers(line, 3) == [8, 7, 3]
    assert await numbers(line, 3, lanes=("everybody", "anna>everybody")) == [6, 5, 2]


async def test_who_is_held_gone_or_parked_is_in_no_late_set(line: Line, redis: Redis) -> None:
    await show_each(line, *(late(waiting(n, rank=n), n) for n in range(1, 6)))
    await show_each(line, late(claimed(1, 2), 1), late(gone(2, 2), 2), late(parked(3, 2), 3))
    assert await late_sets(redis, line) == {"everybody": [name(4), name(5)]}
    await take(line)
    assert await late_sets(redis, line) == {"everybody": [name(4)]}


async def test_a_claim_under_a_policy_without_one_leaves_no_trace(line: Line, redis: Redis) -> None:
    await show_each(line, late(waiting(1, rank=1), 1))
    await take(line, every=None)
    await show_each(line, late(claimed(1, 2), 1))
    assert await late_sets(redis, line) == {}


async def test_an_undone_reservation_gives_its_count_back(line: Line) -> None:
    await show_each(line, *(late(waiting(n, rank=n), n) for n in range(1, 9)))
    first = await take(line)
    assert first is not None
    assert await line.release(first, "x")
    assert await numbers(line, 3) == [8, 7, 1]


async def test_an_undone_guarantee_is_due_again_and_its_lead_late_as_before(line: Line) -> None:
    await show_each(line, *(late(waiting(n, rank=n), n) for n in range(1, 9)))
    await numbers(line, 2)
    third = await take(line)
    assert third is not None
    assert third.guaranteed
    assert await line.release(third, "x")
    again = await take(line)
    assert again is not None
    assert (again.lead_id, again.guaranteed) == (third.lead_id, True)


@pytest.mark.parametrize("way", ["release", "refuse"])
async def test_an_undone_head_that_was_the_longest_late_is_due_again(
    line: Line, redis: Redis, way: str
) -> None:
    await show_each(line, *(waiting(n, rank=n) for n in (10, 11)), late(waiting(9, rank=9), 1))
    await show_each(line, *(late(waiting(n, rank=n), 5) for n in (1, 2, 3)))
    await numbers(line, 2)
    third = await take(line)
    assert third is not None
    assert (third.lead_id.int, third.guaranteed) == (9, False)
    await undo(line, third, way)
    assert await redis.get(line.keys(QUEUE).guarantee) == str(EVERY - 1)
    await show_each(line, waiting(12, rank=12), late(waiting(9, 2, rank=9), 1))
    assert await numbers(line, 1) == [9]


@pytest.mark.parametrize("way", ["release", "refuse"])
async def test_a_count_that_another_claim_ended_meanwhile_is_not_below_nothing(
    line: Line, redis: Redis, way: str
) -> None:
    await show_each(line, *(late(waiting(n, rank=n), n) for n in range(1, 9)))
    await numbers(line, 1)
    second = await take(line)
    assert second is not None
    await numbers(line, 1)
    await undo(line, second, way)
    assert await redis.get(line.keys(QUEUE).guarantee) == "0"


async def test_a_reservation_that_runs_out_is_late_again(line: Line, redis: Redis) -> None:
    await show_each(line, late(waiting(1, rank=1), 1))
    await take(line, now=10)
    await line.put_back_due(QUEUE, moment(100))
    assert await late_sets(redis, line) == {"everybody": [name(1)]}


async def test_a_held_lead_given_again_is_not_counted(line: Line) -> None:
    await show_each(line, *(late(waiting(n, rank=n), n) for n in range(1, 9)))
    claim = claim_of("anna", "secret", now=10)
    for _ in range(5):
        again = await line.claim(QUEUE, ("everybody",), claim, 1, every=EVERY)
        assert again is not None
        assert again.lead_id == lead_id(8)
    assert await numbers(line, 3) == [7, 1, 6]


async def test_a_step_carries_lane_and_flags(line: Line, redis: Redis) -> None:
    protected = replace(step(15, rank=50), protected=True)
    behind = replace(step(30, rank=2, lane="anna>everybody"), behind=True)
    lead = late(waiting(1, rank=1, timeline=(protected, behind)), 5)
    await show_each(line, lead, *(late(waiting(n, rank=n), 6) for n in (3, 4, 5, 6)))
    places = line.keys(QUEUE).places
    assert (await redis.hget(places, name(1))).endswith(f"|{round(moment(5).timestamp() * 1000)}")
    await line.take_steps(QUEUE, moment(20))
    assert (await redis.hget(places, name(1))).endswith("p")
    assert await numbers(line, 1, now=20) == [1]
    await line.put_back_due(QUEUE, moment(25), 10)
    await line.take_steps(QUEUE, moment(31))
    assert (await redis.hget(places, name(1))).endswith("b")


@pytest.mark.parametrize("lanes", [("everybody",), ("everybody", "b")])
async def test_a_cleared_line_begins_at_nothing(line: Line, redis: Redis, lanes) -> None:
    await show_each(line, *(late(waiting(n, rank=n, lane=lanes[-1]), n) for n in range(1, 6)))
    await numbers(line, 2, lanes=lanes)
    await clear(line, QUEUE)
    assert await redis.keys(line.keys(QUEUE).late + "*") == []
    assert await redis.get(line.keys(QUEUE).guarantee) is None


async def test_the_start_is_known() -> None:
    assert moment(0) == START
