"""Showing a lead: the line becomes what Postgres says, whatever was repeated or came late."""

from itertools import permutations

import pytest
from line_makers import (
    LEFT,
    QUEUE,
    START,
    Contents,
    Maker,
    claimed,
    contents,
    gone,
    lead_id,
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

from service.leads.errors import LineUnavailable
from service.leads.lead import State
from service.queue.line import GREATEST_VERSION, Line

ALL_KINDS = [waiting, claimed, gone]
GREATEST_RANK = 2**53 - 1


async def look(redis: Redis, line: Line) -> Contents:
    return await contents(redis, line.keys(QUEUE))


async def test_a_waiting_lead_stands_in_its_lane(line: Line, redis: Redis) -> None:
    assert await line.show(waiting(1, version=3, rank=70, lane="wholesale"), START)

    assert await look(redis, line) == Contents(
        lanes={"wholesale": [(name(1), -70.0)]},
        places={name(1): "3|wholesale|-70"},
        held={},
        holders={},
        holdings=[],
        gone={},
    )


async def test_a_claimed_lead_is_held_and_stands_in_no_lane(line: Line, redis: Redis) -> None:
    assert await line.show(claimed(1, 3, "anna", "secret", until=90, rank=70), START)

    assert await look(redis, line) == Contents(
        lanes={},
        places={name(1): "3|everybody|-70"},
        held={name(1): unix_ms(90)},
        holders={name(1): "anna secret"},
        holdings=[f"anna {name(1)}"],
        gone={},
    )


@pytest.mark.parametrize("state", LEFT)
async def test_a_lead_that_left_is_only_remembered(line: Line, redis: Redis, state: State) -> None:
    assert await line.show(gone(1, 3, state), moment(5))

    assert await look(redis, line) == Contents(
        lanes={},
        places={name(1): "3||"},
        held={},
        holders={},
        holdings=[],
        gone={name(1): unix_ms(5)},
    )


async def test_the_highest_rank_stands_first(line: Line, redis: Redis) -> None:
    await show_each(line, waiting(1, rank=5), waiting(2, rank=50), waiting(3, rank=20))

    assert (await look(redis, line)).ids() == [name(2), name(3), name(1)]


async def test_the_greatest_ranks_are_kept_apart(line: Line, redis: Redis) -> None:
    ranks = {1: GREATEST_RANK - 1, 2: GREATEST_RANK, 3: GREATEST_RANK - 2}
    await show_each(line, *(waiting(number, rank=rank) for number, rank in ranks.items()))

    assert (await look(redis, line)).lanes["everybody"] == [
        (name(2), float(-GREATEST_RANK)),
        (name(1), float(1 - GREATEST_RANK)),
        (name(3), float(2 - GREATEST_RANK)),
    ]


async def test_equal_ranks_follow_their_ids_upwards(line: Line, redis: Redis) -> None:
    await show_each(line, *(waiting(number) for number in (0xF, 2, 2**127, 1, 0xA, 0x10)))

    ids = [name(number) for number in (1, 2, 0xA, 0xF, 0x10, 2**127)]
    assert (await look(redis, line)).ids() == ids


@pytest.mark.parametrize("make", ALL_KINDS)
async def test_a_repetition_changes_nothing(line: Line, redis: Redis, make: Maker) -> None:
    await line.show(make(1, 5), START)
    before = await look(redis, line)

    assert not await line.show(make(1, 5), moment(9))
    assert await look(redis, line) == before


@pytest.mark.parametrize("newer", ALL_KINDS)
@pytest.mark.parametrize("older", ALL_KINDS)
async def test_an_older_version_that_comes_late_changes_nothing(
    line: Line, redis: Redis, older: Maker, newer: Maker
) -> None:
    await line.show(newer(1, 10), START)
    before = await look(redis, line)

    assert not await line.show(older(1, 9), moment(9))
    assert await look(redis, line) == before


@pytest.mark.parametrize("other", ALL_KINDS)
@pytest.mark.parametrize("make", ALL_KINDS)
async def test_another_story_of_the_same_version_changes_nothing(
    line: Line, redis: Redis, make: Maker, other: Maker
) -> None:
    await line.show(make(1, 5), START)
    before = await look(redis, line)

    assert not await line.show(other(1, 5), moment(9))
    assert await look(redis, line) == before


LIFE = (
    waiting(1, 1, rank=10, lane="wholesale"),
    claimed(1, 2, "anna", "first"),
    gone(1, 3, State.PARKED),
    waiting(1, 4, rank=75),
)


@pytest.mark.parametrize("last", range(1, 5))
async def test_in_any_order_the_newest_version_wins(line: Line, redis: Redis, last: int) -> None:
    outcomes = []
    for order in permutations(LIFE[:last]):
        await redis.flushall()
        await show_each(line, *order)
        outcomes.append(await look(redis, line))

    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert outcomes[0].places[name(1)].startswith(f"{last}|")


async def test_versions_are_compared_as_numbers(line: Line) -> None:
    await line.show(waiting(1, 9), START)

    assert await line.show(waiting(1, 10), START)
    assert not await line.show(waiting(1, 9), START)


async def test_a_lead_moves_within_its_lane(line: Line, redis: Redis) -> None:
    await show_each(line, waiting(1, rank=10), waiting(2, rank=20), waiting(1, 2, rank=30))

    assert (await look(redis, line)).lanes == {"everybody": [(name(1), -30.0), (name(2), -20.0)]}


async def test_a_lead_moves_to_another_lane(line: Line, redis: Redis) -> None:
    await show_each(line, waiting(1, lane="owner:anna"), waiting(1, 2, lane="everybody"))

    assert (await look(redis, line)).lanes == {"everybody": [(name(1), -100.0)]}


async def test_lanes_whose_names_begin_alike_are_apart(line: Line, redis: Redis) -> None:
    await show_each(
        line, waiting(1, lane="vip"), waiting(2, lane="vip:super"), waiting(3, lane="v")
    )

    found = await look(redis, line)
    assert [found.ids(lane) for lane in ("vip", "vip:super", "v")] == [
        [name(1)],
        [name(2)],
        [name(3)],
    ]


async def test_a_claim_that_was_reserved_here_is_confirmed(line: Line, redis: Redis) -> None:
    await line.show(waiting(1), START)
    await take(line, "anna", "secret", until=5)

    await line.show(claimed(1, 2, "anna", "secret", until=600), START)
    found = await look(redis, line)
    assert (found.held, found.lanes) == ({name(1): unix_ms(600)}, {})
    assert (found.holders, found.holdings) == ({name(1): "anna secret"}, [f"anna {name(1)}"])


async def test_a_claim_passes_to_another_operator(line: Line, redis: Redis) -> None:
    await show_each(line, claimed(1, 1, "anna", "hers"), claimed(1, 2, "an", "his", until=99))

    found = await look(redis, line)
    assert (found.holders, found.held) == ({name(1): "an his"}, {name(1): unix_ms(99)})
    assert found.holdings == [f"an {name(1)}"]


async def test_a_claim_of_postgres_wins_over_a_reservation(line: Line, redis: Redis) -> None:
    await line.show(waiting(1), START)
    await take(line, "anna", "hers")

    await line.show(claimed(1, 2, "boris", "his"), START)
    found = await look(redis, line)
    assert (found.holders, found.holdings) == ({name(1): "boris his"}, [f"boris {name(1)}"])


async def test_a_claimed_lead_comes_back(line: Line, redis: Redis) -> None:
    await show_each(line, claimed(1, 1), waiting(1, 2, rank=40, lane="wholesale"))

    assert await look(redis, line) == Contents(
        lanes={"wholesale": [(name(1), -40.0)]},
        places={name(1): "2|wholesale|-40"},
        held={},
        holders={},
        holdings=[],
        gone={},
    )


async def test_a_reserved_lead_that_was_ranked_anew_waits_again(line: Line, redis: Redis) -> None:
    await line.show(waiting(1), START)
    await take(line)

    await line.show(waiting(1, 2, rank=120), START)
    found = await look(redis, line)
    assert found.lanes == {"everybody": [(name(1), -120.0)]}
    assert (found.held, found.holders, found.holdings) == ({}, {}, [])


@pytest.mark.parametrize("state", LEFT)
@pytest.mark.parametrize("make", [waiting, claimed])
async def test_who_leaves_stands_nowhere_any_more(
    line: Line, redis: Redis, make: Maker, state: State
) -> None:
    await show_each(line, make(1, 1), gone(1, 2, state))

    found = await look(redis, line)
    assert (found.lanes, found.held, found.holders, found.holdings) == ({}, {}, {}, [])
    assert list(found.gone) == [name(1)]


@pytest.mark.parametrize("make", [waiting, claimed])
async def test_a_parked_lead_that_is_due_stands_again(
    line: Line, redis: Redis, make: Maker
) -> None:
    await line.show(make(1, 3), START)
    as_never_gone = await look(redis, line)
    await redis.flushall()

    await show_each(line, waiting(1, 1), gone(1, 2, State.PARKED), make(1, 3))
    assert await look(redis, line) == as_never_gone


async def test_who_left_again_left_at_the_later_moment(line: Line, redis: Redis) -> None:
    await line.show(gone(1, 1, State.PARKED), moment(10))
    await line.show(gone(1, 2, State.SETTLED), moment(20))

    assert (await look(redis, line)).gone == {name(1): unix_ms(20)}


@pytest.mark.parametrize("make", ALL_KINDS)
async def test_a_dropped_lead_is_gone_whatever_its_version(
    line: Line, redis: Redis, make: Maker
) -> None:
    await line.show(make(1, 2000), START)
    await line.drop(QUEUE, lead_id(1), moment(1))

    assert not await line.show(make(1, 2001), START)
    assert await look(redis, line) == Contents(
        lanes={},
        places={name(1): f"{GREATEST_VERSION}||"},
        held={},
        holders={},
        holdings=[],
        gone={name(1): unix_ms(1)},
    )


async def test_many_leads_are_shown_at_once(line: Line, redis: Redis) -> None:
    await line.show_all([waiting(number, rank=number) for number in range(300)], START)

    assert (await look(redis, line)).ids() == [name(number) for number in reversed(range(300))]


async def test_what_is_shown_in_one_queue_is_not_in_another(line: Line, redis: Redis) -> None:
    await line.show(waiting(1, queue="other"), START)

    found = await look(redis, line)
    assert (found.lanes, found.places) == ({}, {})


@pytest.mark.parametrize("other", ALL_KINDS)
@pytest.mark.parametrize("make", ALL_KINDS)
async def test_the_same_version_shown_again_replaces_what_was_known(
    line: Line, redis: Redis, make: Maker, other: Maker
) -> None:
    await line.show(make(1, 5), moment(9))
    right = await look(redis, line)
    await redis.flushall()

    await line.show(other(1, 5), START)
    assert await line.show(make(1, 5), moment(9), again=True)
    assert await look(redis, line) == right


@pytest.mark.parametrize("newer", ALL_KINDS)
@pytest.mark.parametrize("older", ALL_KINDS)
async def test_an_older_version_changes_nothing_even_again(
    line: Line, redis: Redis, older: Maker, newer: Maker
) -> None:
    await line.show(newer(1, 10), START)
    before = await look(redis, line)

    assert not await line.show(older(1, 9), moment(9), again=True)
    assert await look(redis, line) == before


async def test_a_reserved_lead_shown_again_waits_again(line: Line, redis: Redis) -> None:
    await line.show(waiting(1, 5), START)
    before = await look(redis, line)
    await take(line)

    assert await line.show(waiting(1, 5), START, again=True)
    assert await look(redis, line) == before


@pytest.mark.parametrize("make", ALL_KINDS)
async def test_a_lead_that_is_new_or_newer_may_be_shown_again(line: Line, make: Maker) -> None:
    assert await line.show(make(1, 5), START, again=True)
    assert await line.show(make(1, 6), START, again=True)


async def test_what_is_to_come_is_kept_with_the_lead(line: Line, redis: Redis) -> None:
    timeline = (step(10, 2**53 - 1, "vip"), step(20.5, 10**15))
    await line.show(waiting(1, rank=70, timeline=timeline), START)

    found = await look(redis, line)
    assert found.steps == {name(1): unix_ms(10)}
    assert found.timelines == {
        name(1): f"{unix_ms(10)} vip -9007199254740991;{unix_ms(20.5)} everybody -1000000000000000"
    }
    assert found.lanes == {"everybody": [(name(1), -70.0)]}


async def test_of_what_is_to_come_the_line_holds_the_next_two_steps(
    line: Line, redis: Redis
) -> None:
    timeline = tuple(step(at, at) for at in (10, 20, 30, 40))
    await line.show(waiting(1, timeline=timeline), moment(10))

    assert (await look(redis, line)).timelines == {
        name(1): f"{unix_ms(20)} everybody -20;{unix_ms(30)} everybody -30"
    }


async def test_a_parked_lead_that_will_come_back_is_not_gone(line: Line, redis: Redis) -> None:
    await show_each(line, claimed(1), parked(1, 2, step(60, 75, "vip")))

    assert await look(redis, line) == Contents(
        lanes={},
        places={name(1): "2||"},
        held={},
        holders={},
        holdings=[],
        gone={},
        steps={name(1): unix_ms(60)},
        timelines={name(1): f"{unix_ms(60)} vip -75"},
    )


@pytest.mark.parametrize(("make", "held"), [(waiting, False), (claimed, True)])
async def test_who_is_shown_late_stands_where_time_has_brought_him(
    line: Line, redis: Redis, make: Maker, held: bool
) -> None:
    timeline = (step(10, 7), step(20, 8, "vip"), step(30, 9))
    await line.show(make(1, timeline=timeline), moment(20))

    found = await look(redis, line)
    assert found.places == {name(1): "1|vip|-8"}
    assert found.lanes == ({} if held else {"vip": [(name(1), -8.0)]})
    assert found.timelines == {name(1): f"{unix_ms(30)} everybody -9"}


async def test_a_parked_lead_shown_when_it_is_due_stands_in_its_lane(
    line: Line, redis: Redis
) -> None:
    await line.show(parked(1, 2, step(60, 75, "vip")), moment(60))

    found = await look(redis, line)
    assert found.lanes == {"vip": [(name(1), -75.0)]}
    assert (found.gone, found.steps, found.timelines) == ({}, {}, {})


async def test_a_parked_lead_of_an_older_version_changes_nothing(line: Line, redis: Redis) -> None:
    await line.show(waiting(1, 3), START)
    before = await look(redis, line)

    assert not await line.show(parked(1, 2, step(60)), START)
    assert await look(redis, line) == before


@pytest.mark.parametrize("make", ALL_KINDS)
async def test_old_news_do_not_bring_a_parked_lead_back(
    line: Line, redis: Redis, make: Maker
) -> None:
    await line.show(parked(1, 5, step(3600)), START)
    before = await look(redis, line)
    await line.forget(QUEUE, moment(3000))

    assert not await line.show(make(1, 4), moment(3000))
    assert await look(redis, line) == before


async def test_a_lead_shown_again_gets_back_what_is_to_come(line: Line, redis: Redis) -> None:
    timeline = (step(10, 7), step(20, 8, "vip"))
    await line.show(waiting(1, timeline=timeline), START)
    await line.take_steps(QUEUE, moment(20))

    assert await line.show(waiting(1, timeline=timeline), moment(15), again=True)
    found = await look(redis, line)
    assert found.lanes == {"everybody": [(name(1), -7.0)]}
    assert found.steps == {name(1): unix_ms(20)}


@pytest.mark.parametrize("make", [waiting, claimed])
async def test_a_lead_of_another_queue_is_gone_from_this_version_on(
    line: Line, redis: Redis, make: Maker
) -> None:
    await line.show(make(1, version=3), START)
    await line.leave(QUEUE, waiting(1, version=4), moment(1))

    assert await look(redis, line) == Contents(
        lanes={}, places={name(1): "4||"}, held={}, holders={}, holdings=[],
        gone={name(1): unix_ms(1)},
    )  # fmt: skip
    assert not await line.show(make(1, version=3), moment(2))


async def test_a_mistake_in_a_script_is_told_apart_from_a_line_that_is_away(
    line: Line, scripts_work: list[str]
) -> None:
    with pytest.raises(LineUnavailable, match="user_script"):
        await line.scripts.run("show", ("too", "few", "keys"), "one", "argument")
    assert len(scripts_work) == 1
    scripts_work.clear()
