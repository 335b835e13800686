"""Who waits is woken by a lead that arrives: one waiter a lead, the longest-waiting first."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack
from itertools import count

import pytest
from line_makers import (
    LANES,
    QUEUE,
    START,
    ClientMaker,
    LineMaker,
    claimed,
    gone,
    moment,
    parked,
    put_in_step,
    show_each,
    step,
    take,
    until,
    waiting,
)
from own_valkey import OwnValkey
from redis.asyncio import Redis

from service.background_task import background_task
from service.embedded.servers import Addresses
from service.leads.errors import Overloaded
from service.queue import arrivals as arrivals_module
from service.queue.arrivals import Arrivals, Waiter
from service.queue.line import Line
from service.queue.listeners import Listener, Listeners
from service.queue.places import WaitingPlaces

LONG = 30.0
LIMIT = 5.0
TIME_OUT = 0.5
PLACES = 5
OTHER = "nobody-else"

Asleep = asyncio.Task[None]
GoToSleep = Callable[..., Asleep]


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Addresses]:
    """A Valkey where nobody else listens."""
    server = OwnValkey(tmp_path_factory.mktemp("valkey"))
    await server.start()
    yield Addresses("", server.url)
    server.stop()


@pytest.fixture
def ears(new_client: ClientMaker) -> Redis:
    """The client that listens."""
    return new_client(seconds=TIME_OUT)


@pytest.fixture
async def arrivals(line: Line, ears: Redis, redis: Redis) -> AsyncIterator[Arrivals]:
    found = Arrivals(ears, line, places=WaitingPlaces(PLACES))
    async with background_task(found.listen_always()):
        await until(lambda: somebody_listens(redis))
        yield found


@pytest.fixture
async def sleeping(arrivals: Arrivals) -> AsyncIterator[GoToSleep]:
    """Puts a waiter to sleep, who leaves when he is woken: then his task is done."""
    tasks: list[Asleep] = []

    def sleep(queues: Sequence[str] = (QUEUE,), lanes: Sequence[str] = LANES) -> Asleep:
        place = ExitStack()
        waiter = place.enter_context(arrivals.waiter(queues, lanes))
        tasks.append(asyncio.create_task(sleep_once(waiter, place)))
        return tasks[-1]

    yield sleep
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def sleep_once(waiter: Waiter, place: ExitStack) -> None:
    with place:
        await waiter.sleep(LONG)
        waiter.looks()


async def somebody_listens(redis: Redis) -> bool:
    return bool(await redis.pubsub_numpat() == 1)


async def listener_ids(redis: Redis) -> set[str]:
    return {client["id"] for client in await redis.client_list(_type="pubsub")}


async def woken(*tasks: Asleep) -> None:
    async with asyncio.timeout(LIMIT):
        await asyncio.gather(*tasks)


news = count(10**6)


async def everything_was_heard(line: Line, sleeping: GoToSleep) -> None:
    """What is published on one connection is heard in order, so the last is heard after all."""
    last = sleeping([QUEUE], [OTHER])
    await line.show(waiting(next(news), lane=OTHER), START)
    await woken(last)


async def test_a_lead_shown_by_another_client_wakes_who_waits(
    sleeping: GoToSleep, new_line: LineMaker
) -> None:
    task = sleeping()
    await new_line().show(waiting(1), START)

    await woken(task)


async def test_a_lead_in_any_of_his_lanes_and_queues_wakes_him(
    sleeping: GoToSleep, line: Line
) -> None:
    for queue in ("main", "parts"):
        for lane in ("everybody", "vip"):
            task = sleeping(["main", "parts"], ["everybody", "vip"])
            await line.show(waiting(1, 1, queue=queue, lane=lane), START)
            await woken(task)
            await line.show(gone(1, 2, queue=queue), START)
            await line.forget(queue, moment(1))


@pytest.mark.parametrize(
    ("queue", "lane"),
    [("main2", "everybody"), ("mai", "everybody"), ("main", "every"), ("main", "everybody2")],
)
async def test_a_lead_elsewhere_wakes_nobody_here(
    sleeping: GoToSleep, line: Line, queue: str, lane: str
) -> None:
    task = sleeping()
    await line.show(waiting(1, queue=queue, lane=lane), START)

    await everything_was_heard(line, sleeping)
    assert not task.done()


async def test_another_installation_wakes_nobody_here(
    sleeping: GoToSleep, line: Line, new_line: LineMaker
) -> None:
    task = sleeping()
    for prefix in ("x:", "x."):
        await new_line(prefix).show(waiting(1), START)

    await everything_was_heard(line, sleeping)
    assert not task.done()


async def test_a_queue_and_lane_of_his_that_do_not_meet_wake_nobody(
    sleeping: GoToSleep, line: Line
) -> None:
    first, second = sleeping(["main"], ["vip"]), sleeping(["parts"], LANES)
    await show_each(line, waiting(1), waiting(2, queue="parts", lane="vip"))

    await everything_was_heard(line, sleeping)
    assert not first.done()
    assert not second.done()


async def test_only_who_comes_to_wait_is_announced(sleeping: GoToSleep, line: Line) -> None:
    task = sleeping()
    await show_each(line, claimed(1, 5), gone(2, 5), waiting(1, 4), gone(1, 6), waiting(2, 5))

    await everything_was_heard(line, sleeping)
    assert not task.done()


async def test_a_released_lead_wakes_who_waits(sleeping: GoToSleep, line: Line) -> None:
    await line.show(waiting(1), START)
    reservation = await take(line)
    await everything_was_heard(line, sleeping)
    task = sleeping()

    assert reservation is not None
    await line.release(reservation, "anna")
    await woken(task)


async def test_a_lead_whose_lease_is_over_wakes_who_waits(sleeping: GoToSleep, line: Line) -> None:
    await line.show(claimed(1, until=10, lane="vip"), START)
    stranger, task = sleeping(), sleeping([QUEUE], ["vip"])
    await line.put_back_due(QUEUE, moment(11))

    await woken(task)
    assert not stranger.done()


async def test_a_lead_that_passes_into_his_lane_wakes_who_waits(
    sleeping: GoToSleep, line: Line
) -> None:
    await line.show(waiting(1, lane="owner:boris", timeline=(step(10, lane="vip"),)), START)
    stranger, task = sleeping(), sleeping([QUEUE], ["vip"])
    await line.take_steps(QUEUE, moment(10))

    await woken(task)
    assert not stranger.done()


async def test_a_parked_lead_that_falls_due_wakes_who_waits(
    sleeping: GoToSleep, line: Line
) -> None:
    task = sleeping()
    await line.show(parked(1, 1, step(10)), START)
    await everything_was_heard(line, sleeping)
    assert not task.done()

    await line.take_steps(QUEUE, moment(10))
    await woken(task)


async def test_what_another_ones_claim_brings_into_his_lane_wakes_who_waits(
    sleeping: GoToSleep, line: Line
) -> None:
    await put_in_step(line)
    await line.show(parked(1, 1, step(10)), START)
    task = sleeping()

    assert await take(line, lanes=("vip",), now=10) is None
    await woken(task)


async def test_who_only_rises_in_his_lane_or_is_held_wakes_nobody(
    sleeping: GoToSleep, line: Line
) -> None:
    await line.show(waiting(1, rank=5, timeline=(step(10, 7),)), START)
    await line.show(claimed(2, timeline=(step(10, lane="vip"),)), START)
    await everything_was_heard(line, sleeping)
    task = sleeping([QUEUE], ["everybody", "vip"])

    assert await line.take_steps(QUEUE, moment(10)) == 2
    await everything_was_heard(line, sleeping)
    assert not task.done()


async def test_each_lead_wakes_one_waiter_the_longest_waiting_first(
    sleeping: GoToSleep, line: Line
) -> None:
    tasks = [sleeping() for _ in range(3)]
    for number, task in enumerate(tasks, start=1):
        await line.show(waiting(number), START)
        await woken(task)
        assert [item.done() for item in tasks] == [item <= number for item in (1, 2, 3)]


async def test_leads_that_arrive_together_wake_as_many(sleeping: GoToSleep, line: Line) -> None:
    tasks = [sleeping() for _ in range(4)]
    await line.show_all([waiting(number) for number in (1, 2, 3)], START)

    await woken(*tasks[:3])
    await everything_was_heard(line, sleeping)
    assert not tasks[3].done()


async def test_who_cannot_take_the_lead_is_passed_over(sleeping: GoToSleep, line: Line) -> None:
    unskilled, skilled = sleeping(), sleeping([QUEUE], ["everybody", "vip"])
    await line.show(waiting(1, lane="vip"), START)

    await woken(skilled)
    assert not unskilled.done()


async def test_a_lead_that_came_before_he_slept_is_not_slept_through(
    arrivals: Arrivals, line: Line
) -> None:
    with arrivals.waiter([QUEUE], LANES) as waiter:
        await line.show(waiting(1), START)
        await until(lambda: was_told(waiter, line))
        async with asyncio.timeout(LIMIT):
            await waiter.sleep(LONG)


async def was_told(waiter: Waiter, line: Line) -> bool:
    return not waiter.concerns(line.keys(QUEUE).arrivals, "everybody")


async def test_who_is_not_woken_sleeps_his_time(arrivals: Arrivals) -> None:
    with arrivals.waiter([QUEUE], LANES) as waiter:
        async with asyncio.timeout(LIMIT):
            await waiter.sleep(0.01)


async def test_who_went_away_is_not_woken_in_place_of_another(
    arrivals: Arrivals, sleeping: GoToSleep, line: Line
) -> None:
    with arrivals.waiter([QUEUE], LANES):
        task = sleeping()
    await line.show(waiting(1), START)

    await woken(task)


async def test_a_lead_that_arrives_while_the_woken_one_is_served_wakes_the_next(
    arrivals: Arrivals, sleeping: GoToSleep, line: Line
) -> None:
    with arrivals.waiter([QUEUE], LANES) as served:
        following = sleeping()
        await line.show(waiting(1), START)
        await woken(asyncio.create_task(served.sleep(LONG)))
        await line.show(waiting(2), START)
        await everything_was_heard(line, sleeping)

    await woken(following)


async def test_who_waits_beyond_the_places_is_told_to_come_again(
    arrivals: Arrivals, sleeping: GoToSleep, line: Line
) -> None:
    tasks = [sleeping() for _ in range(PLACES)]
    with pytest.raises(Overloaded), arrivals.waiter([QUEUE], LANES):
        pass

    await line.show(waiting(1), START)
    await woken(tasks[0])
    with arrivals.waiter([QUEUE], LANES):
        pass


async def test_a_place_that_was_left_is_free(arrivals: Arrivals) -> None:
    for _ in range(PLACES + 1):
        with arrivals.waiter([QUEUE], LANES):
            pass


async def test_a_place_is_free_though_its_waiter_failed(arrivals: Arrivals) -> None:
    for _ in range(PLACES + 1):
        with pytest.raises(ZeroDivisionError), arrivals.waiter([QUEUE], LANES):
            raise ZeroDivisionError


async def test_listening_survives_a_killed_connection(
    sleeping: GoToSleep, line: Line, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals_module, "PAUSE_SECONDS", 0.01)
    for number in (1, 2):
        deaf = await listener_ids(redis)
        await redis.client_kill_filter(_type="pubsub")
        await until(lambda before=deaf: has_other_listener(redis, before))
        task = sleeping()
        await line.show(waiting(number), START)
        await woken(task)


async def has_other_listener(redis: Redis, before: set[str]) -> bool:
    listeners = await listener_ids(redis)
    return bool(listeners) and not listeners & before


async def test_silence_longer_than_the_time_out_does_not_end_the_listening(
    sleeping: GoToSleep, line: Line, redis: Redis
) -> None:
    listeners = await listener_ids(redis)
    await until(lambda: was_silent_for_longer_than_the_time_out(redis))

    assert await listener_ids(redis) == listeners
    task = sleeping()
    await line.show(waiting(1), START)
    await woken(task)


async def was_silent_for_longer_than_the_time_out(redis: Redis) -> bool:
    (listener,) = await redis.client_list(_type="pubsub")
    return int(listener["age"]) - 1 > TIME_OUT


async def test_who_listened_before_there_was_a_server_hears_once_there_is(
    own_valkey: OwnValkey, new_client: ClientMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals_module, "PAUSE_SECONDS", 0.01)
    redis = new_client(own_valkey.url)
    line = Line(redis, "")
    arrivals = Arrivals(redis, line, places=WaitingPlaces(PLACES))
    async with background_task(arrivals.listen_always()):
        with arrivals.waiter([QUEUE], LANES) as waiter:
            await own_valkey.start()
            await until(lambda: somebody_listens(redis))
            await line.show(waiting(1), START)
            await woken(asyncio.create_task(waiter.sleep(LONG)))


async def test_after_the_block_nobody_listens(line: Line, ears: Redis, redis: Redis) -> None:
    async with background_task(Arrivals(ears, line, places=WaitingPlaces(PLACES)).listen_always()):
        await until(lambda: somebody_listens(redis))

    await until(lambda: nobody_listens(redis))


async def nobody_listens(redis: Redis) -> bool:
    return not await somebody_listens(redis)


async def test_a_lead_that_nobody_claims_wakes_the_next_and_each_once(
    sleeping: GoToSleep, line: Line
) -> None:
    tasks = [sleeping() for _ in range(3)]
    await line.show(waiting(1), START)

    await woken(*tasks)


async def test_a_lead_that_was_claimed_wakes_no_second_one(
    sleeping: GoToSleep, line: Line, arrivals: Arrivals
) -> None:
    await put_in_step(line)
    first, second = sleeping(), sleeping()
    await line.show(waiting(1), START)
    await woken(first)
    assert await take(line) is not None

    await nothing_is_looked_after(arrivals)
    assert not second.done()


async def test_who_was_woken_and_took_nothing_is_not_woken_for_it_again(
    arrivals: Arrivals, line: Line
) -> None:
    with arrivals.waiter([QUEUE], LANES) as waiter:
        await line.show(waiting(1), START)
        await waiter.sleep(LONG)
        waiter.looks()

        await nothing_is_looked_after(arrivals)
        assert waiter.unheard is None


async def nothing_is_looked_after(arrivals: Arrivals) -> None:
    """Until leads that were announced are claimed, or everybody was woken for them."""
    assert arrivals._look is not None
    async with asyncio.timeout(LIMIT):
        await arrivals._look


async def test_polls_and_streams_of_one_operator_take_one_place(line: Line, ears: Redis) -> None:
    places = WaitingPlaces(1)
    arrivals, listeners = Arrivals(ears, line, places=places), Listeners(places)
    with (
        arrivals.waiter([QUEUE], LANES, "anna"),
        listeners.listening(Listener("anna", (QUEUE,), "anna")),
        arrivals.waiter([QUEUE], LANES, "anna"),
    ):
        assert len(places) == 1
        with pytest.raises(Overloaded), arrivals.waiter([QUEUE], LANES, "boris"):
            pass
    assert len(places) == 0
