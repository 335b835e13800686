"""A Redis that is not there, that never answers or that refuses: the line is unavailable, soon."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
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
    name,
    take,
    until,
    waiting,
)
from own_valkey import OwnValkey

from service.leads.errors import LineLost, LineUnavailable
from service.queue import scripts as scripts_module
from service.queue.in_step import clear, in_step_until, ping, set_in_step, versions
from service.queue.line import Line, Reservation
from service.queue.preview import prospects, upcoming

TIME_OUT = 0.3
Move = Callable[[Line], Awaitable[object]]

SCRIPTED: dict[str, Move] = {
    "show": lambda line: line.show(waiting(1), START),
    "show_all": lambda line: line.show_all([waiting(1), claimed(2)], START),
    "drop": lambda line: line.drop(QUEUE, lead_id(1), START),
    "claim": take,
    "release": lambda line: line.release(Reservation(QUEUE, lead_id(1), "token", 1), "anna"),
    "put_back_due": lambda line: line.put_back_due(QUEUE, START),
    "forget": lambda line: line.forget(QUEUE, START),
}
PLAIN: dict[str, Move] = {
    "upcoming": lambda line: upcoming(line, [QUEUE], LANES, 10),
    "prospects": lambda line: prospects(line, [QUEUE], "anna", LANES),
    "in_step_until": lambda line: in_step_until(line, [QUEUE]),
    "set_in_step": lambda line: set_in_step(line, {QUEUE: START}),
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
    await fails_within(TIME_OUT, move(line_to_nowhere))


@every_move
async def test_with_a_silent_server_every_move_fails_in_time(
    line_to_silence: Line, move: Move
) -> None:
    await fails_within(4 * TIME_OUT, move(line_to_silence))


@scripted
async def test_after_a_failure_the_next_move_fails_at_once(
    line_to_silence: Line, silent: SilentServer, move: Move
) -> None:
    await fails_within(4 * TIME_OUT, take(line_to_silence))
    callers = silent.callers

    for _ in range(3):
        await fails_within(TIME_OUT / 2, move(line_to_silence))
    assert silent.callers == callers


async def test_after_the_pause_the_server_is_asked_again(
    line_to_silence: Line, silent: SilentServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts_module, "PAUSE_SECONDS", 0.02)
    await fails_within(4 * TIME_OUT, take(line_to_silence))
    callers = silent.callers

    async def was_asked_again() -> bool:
        await fails_within(4 * TIME_OUT, take(line_to_silence))
        return silent.callers > callers

    await until(was_asked_again)


async def test_a_silent_server_costs_many_callers_no_more_than_a_few(
    line_to_silence: Line,
) -> None:
    moves = [take(line_to_silence, f"operator{number}") for number in range(1000)]

    async with asyncio.timeout(4 * TIME_OUT):
        replies = await asyncio.gather(*moves, return_exceptions=True)
    assert all(isinstance(reply, LineUnavailable) for reply in replies)


async def test_a_line_hangs_up_though_nobody_answers(line_to_silence: Line) -> None:
    move = asyncio.create_task(take(line_to_silence))
    await asyncio.sleep(0)

    async with asyncio.timeout(4 * TIME_OUT):
        await line_to_silence.close()
    assert isinstance(move.exception(), LineUnavailable)


async def test_a_line_works_as_soon_as_its_server_is_there(
    own_valkey: OwnValkey, new_line: LineMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts_module, "PAUSE_SECONDS", 0.02)
    line = new_line(url=own_valkey.url)
    await fails_within(TIME_OUT, line.show(waiting(1), START))

    await own_valkey.start()
    await until(lambda: answers(line))
    assert await versions(line, QUEUE, [name(1)]) == [1]


async def answers(line: Line) -> bool:
    try:
        return await line.show(waiting(1), START)
    except LineUnavailable:
        return False


@pytest.mark.parametrize(("option", "value"), [("min-replicas-to-write", "1"), ("maxmemory", "1")])
async def test_a_server_that_refuses_to_write_is_away_until_it_writes_again(
    own_valkey: OwnValkey, new_client: ClientMaker, option: str, value: str
) -> None:
    await own_valkey.start()
    redis = new_client(own_valkey.url)
    line = Line(redis, "")
    await set_in_step(line, {QUEUE: START})
    await line.show(waiting(1), START)
    before = await contents(redis, line.keys(QUEUE))
    usual = (await redis.config_get(option))[option]

    await redis.config_set(option, value)
    await fails_within(TIME_OUT, line.show(waiting(2), START))
    await redis.config_set(option, usual)
    assert await contents(redis, line.keys(QUEUE)) == before
    assert await line.show(waiting(2), START)
