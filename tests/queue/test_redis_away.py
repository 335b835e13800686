"""A Redis that is not there, that never answers or that refuses: the line is unavailable, soon."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from line_makers import (
    LANES,
    QUEUE,
    START,
    ClientMaker,
    LineMaker,
    claimed,
    contents,
    lead_id,
    moment,
    name,
    put_in_step,
    reserved,
    take,
    until,
    waiting,
)
from own_valkey import OwnValkey
from redis.asyncio import Redis

from service.leads.errors import LineLost, LineUnavailable
from service.queue import scripts as scripts_module
from service.queue.in_step import clear, in_step, ping, versions
from service.queue.line import Line
from service.queue.preview import prospects, upcoming

TIME_OUT = 0.3
SOON = 4 * TIME_OUT
Move = Callable[[Line], Awaitable[object]]

SCRIPTED: dict[str, Move] = {
    "show": lambda line: line.show(waiting(1), START),
    "show_all": lambda line: line.show_all([waiting(1), claimed(2)], START),
    "drop": lambda line: line.drop(QUEUE, lead_id(1), START),
    "claim": take,
    "release": lambda line: line.release(reserved(1), "anna"),
    "put_back_due": lambda line: line.put_back_due(QUEUE, START),
    "take_steps": lambda line: line.take_steps(QUEUE, START),
    "forget": lambda line: line.forget(QUEUE, START),
}
PLAIN: dict[str, Move] = {
    "upcoming": lambda line: upcoming(line, {QUEUE: LANES}, 10, START),
    "prospects": lambda line: prospects(line, {QUEUE: LANES}, "anna", START),
    "in_step": lambda line: in_step(line, [QUEUE]),
    "set_in_step": put_in_step,
    "versions": lambda line: versions(line, QUEUE, [name(1)]),
    "clear": lambda line: clear(line, QUEUE),
    "ping": ping,
}
scripted = pytest.mark.parametrize("move", SCRIPTED.values(), ids=SCRIPTED)
every_move = pytest.mark.parametrize("move", (SCRIPTED | PLAIN).values(), ids=SCRIPTED | PLAIN)


@dataclass
class SilentServer:
    """Takes every connection and answers nothing."""

    url: str
    callers: int = 0

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.callers += 1
        await reader.read()
        writer.close()


@pytest.fixture
async def silent(tmp_path: Path) -> AsyncIterator[SilentServer]:
    path = tmp_path / "silent.sock"
    found = SilentServer(f"unix://{path}")
    async with await asyncio.start_unix_server(found.listen, path):
        yield found


@pytest.fixture
async def line_to_silence(silent: SilentServer, new_line: LineMaker) -> Line:
    return new_line(url=silent.url, seconds=TIME_OUT)


@pytest.fixture
async def line_to_nowhere(tmp_path: Path, new_line: LineMaker) -> Line:
    return new_line(url=f"unix://{tmp_path}/nowhere.sock", seconds=TIME_OUT)


async def fails_within(seconds: float, move: Awaitable[object]) -> None:
    async with asyncio.timeout(seconds):
        with pytest.raises(LineUnavailable) as caught:
            await move
    assert not isinstance(caught.value, LineLost)


@every_move
async def test_without_a_server_every_move_fails(line_to_nowhere: Line, move: Move) -> None:
    await fails_within(SOON, move(line_to_nowhere))


@every_move
async def test_with_a_silent_server_every_move_fails_in_time(
    line_to_silence: Line, move: Move
) -> None:
    await fails_within(SOON, move(line_to_silence))


@scripted
async def test_after_a_failure_the_next_move_fails_at_once(
    line_to_silence: Line, silent: SilentServer, move: Move
) -> None:
    await fails_within(SOON, take(line_to_silence))
    callers = silent.callers

    for _ in range(3):
        await fails_within(TIME_OUT, move(line_to_silence))
    assert silent.callers == callers


@pytest.mark.parametrize("look", ["prospects", "upcoming"])
async def test_after_a_failure_looking_at_the_line_fails_at_once(
    line_to_silence: Line, silent: SilentServer, look: str
) -> None:
    await fails_within(SOON, take(line_to_silence))
    callers = silent.callers

    await fails_within(SOON, PLAIN[look](line_to_silence))
    assert silent.callers == callers


async def test_a_look_that_failed_spares_the_next_move_its_time_out(
    line_to_silence: Line, silent: SilentServer
) -> None:
    await fails_within(SOON, ping(line_to_silence))
    callers = silent.callers

    await fails_within(TIME_OUT, take(line_to_silence))
    assert silent.callers == callers


async def test_an_answer_ends_the_pause(own_valkey: OwnValkey, new_line: LineMaker) -> None:
    line = new_line(url=own_valkey.url)
    await fails_within(SOON, line.show(waiting(1), START))

    await own_valkey.start()
    await ping(line)
    assert await line.show(waiting(1), START)


async def test_after_the_pause_the_server_is_asked_again(
    line_to_silence: Line, silent: SilentServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts_module, "PAUSE_SECONDS", 0.02)
    await fails_within(SOON, take(line_to_silence))
    callers = silent.callers

    async def was_asked_again() -> bool:
        await fails_within(SOON, take(line_to_silence))
        return silent.callers > callers

    await until(was_asked_again)


async def test_a_silent_server_costs_many_callers_no_more_than_a_few(
    line_to_silence: Line,
) -> None:
    moves = [take(line_to_silence, f"operator{number}") for number in range(1000)]

    async with asyncio.timeout(SOON):
        replies = await asyncio.gather(*moves, return_exceptions=True)
    assert all(isinstance(reply, LineUnavailable) for reply in replies)


async def test_a_line_hangs_up_though_nobody_answers(line_to_silence: Line) -> None:
    move = asyncio.create_task(take(line_to_silence))
    await asyncio.sleep(0)

    async with asyncio.timeout(SOON):
        await line_to_silence.close()
    assert isinstance(move.exception(), LineUnavailable)


async def test_a_line_works_as_soon_as_its_server_is_there(
    own_valkey: OwnValkey, new_line: LineMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts_module, "PAUSE_SECONDS", 0.02)
    line = new_line(url=own_valkey.url)
    await fails_within(SOON, line.show(waiting(1), START))

    await own_valkey.start()
    await until(lambda: answers(line))
    assert await versions(line, QUEUE, [name(1)]) == [1]


async def answers(line: Line) -> bool:
    try:
        return await line.show(waiting(1), START)
    except LineUnavailable:
        return False


NO_REPLICAS = ("min-replicas-to-write", "1")
NO_MEMORY = ("maxmemory", "1")


@pytest.fixture
async def own_redis(own_valkey: OwnValkey, new_client: ClientMaker) -> Redis:
    await own_valkey.start()
    return new_client(own_valkey.url)


@pytest.fixture
async def own_line(own_redis: Redis) -> Line:
    line = Line(own_redis, "")
    await put_in_step(line)
    await line.show(waiting(1), START)
    return line


@asynccontextmanager
async def refusing(redis: Redis, option: str, value: str) -> AsyncIterator[None]:
    usual = (await redis.config_get(option))[option]
    await redis.config_set(option, value)
    yield
    await redis.config_set(option, usual)


@pytest.mark.parametrize("why", [NO_REPLICAS, NO_MEMORY], ids=lambda why: why[0])
async def test_a_server_that_refuses_to_write_is_away_until_it_writes_again(
    own_line: Line, own_redis: Redis, why: tuple[str, str]
) -> None:
    before = await contents(own_redis, own_line.keys(QUEUE))
    async with refusing(own_redis, *why):
        await fails_within(SOON, own_line.show(waiting(2), START))

    assert await contents(own_redis, own_line.keys(QUEUE)) == before
    assert await own_line.show(waiting(2), START)


async def test_what_the_line_did_not_hear_keeps_claims_away_until_it_is_compared(
    own_line: Line, own_redis: Redis
) -> None:
    async with refusing(own_redis, *NO_REPLICAS):
        await fails_within(SOON, own_line.show(waiting(2), moment(10)))

    for compared in (0, 9.999, 10):
        await put_in_step(own_line, compared=compared)
        with pytest.raises(LineLost):
            await take(own_line)
    await put_in_step(own_line, compared=10.001)
    assert await take(own_line) == reserved(1)


async def test_a_claim_that_failed_keeps_claims_away_until_the_line_is_compared(
    own_line: Line, own_redis: Redis
) -> None:
    async with refusing(own_redis, *NO_REPLICAS):
        await fails_within(SOON, take(own_line))

    with pytest.raises(LineLost):
        await take(own_line)
    await put_in_step(own_line, compared=0.001)
    assert await take(own_line) == reserved(1)


async def test_an_earlier_failure_that_is_told_late_does_not_hide_a_later_one(
    own_line: Line, own_redis: Redis
) -> None:
    async with refusing(own_redis, *NO_REPLICAS):
        for seconds in (10, 5):
            await fails_within(SOON, own_line.show(waiting(2), moment(seconds)))

    await put_in_step(own_line, compared=7)
    with pytest.raises(LineLost):
        await take(own_line)


async def test_what_one_process_failed_to_say_keeps_no_other_from_claiming(
    own_line: Line, own_redis: Redis, own_valkey: OwnValkey, new_line: LineMaker
) -> None:
    async with refusing(own_redis, *NO_REPLICAS):
        await fails_within(SOON, own_line.show(waiting(2), moment(10)))

    elsewhere = new_line(url=own_valkey.url)
    assert await take(elsewhere) == reserved(1)
