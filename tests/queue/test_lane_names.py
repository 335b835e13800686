"""The names of lanes are cached, and a lane that is new is not missed for it."""

import asyncio
from dataclasses import dataclass, field

import pytest

from service.queue import lanes as module
from service.queue.lanes import LaneNames
from service.queue.line import Line
from tests.queue.line_makers import QUEUE, START, waiting

ASKING = 20


@dataclass
class HeldUp:
    """Reads the names, and gives them when it is let."""

    names: LaneNames
    readings: int = 0
    read: asyncio.Event = field(default_factory=asyncio.Event)
    let: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._in_truth = self.names._read

    async def __call__(self, queue: str) -> frozenset[str]:
        self.readings += 1
        found = await self._in_truth(queue)
        self.read.set()
        await self.let.wait()
        return found


@pytest.fixture
def names(line: Line, monkeypatch: pytest.MonkeyPatch) -> LaneNames:
    monkeypatch.setattr(module, "SECONDS", 60)
    return LaneNames(line)


@pytest.fixture
def held_up(names: LaneNames, monkeypatch: pytest.MonkeyPatch) -> HeldUp:
    slow = HeldUp(names)
    monkeypatch.setattr(names, "_read", slow)
    return slow


async def come(line: Line, names: LaneNames, number: int, lane: str) -> None:
    await line.show(waiting(number, lane=lane), START)
    names.note(QUEUE, lane)


async def test_all_who_ask_at_once_share_one_reading(names: LaneNames, held_up: HeldUp) -> None:
    asked = [asyncio.create_task(names.of(QUEUE)) for _ in range(ASKING)]
    await held_up.read.wait()
    held_up.let.set()
    assert {await item for item in asked} == {frozenset({"everybody"})}
    assert held_up.readings == 1


async def test_a_new_lane_is_seen_by_the_next_who_asks(names: LaneNames, line: Line) -> None:
    assert await names.of(QUEUE) == {"everybody"}
    await come(line, names, 1, "vip")
    assert await names.of(QUEUE) == {"everybody", "vip"}


async def test_a_lane_that_came_during_a_reading_is_not_missed(
    names: LaneNames, held_up: HeldUp, line: Line
) -> None:
    early = asyncio.create_task(names.of(QUEUE))
    await held_up.read.wait()
    await come(line, names, 1, "vip")
    late = asyncio.create_task(names.of(QUEUE))
    held_up.let.set()
    assert (await early, await late) == ({"everybody"}, {"everybody", "vip"})
    assert await names.of(QUEUE) == {"everybody", "vip"}


async def test_a_known_lane_makes_nobody_read_again(
    names: LaneNames, held_up: HeldUp, line: Line
) -> None:
    held_up.let.set()
    await come(line, names, 1, "vip")
    await names.of(QUEUE)
    await come(line, names, 2, "vip")
    await names.of(QUEUE)
    assert held_up.readings == 1


async def test_a_line_that_is_built_anew_is_read_again(names: LaneNames, line: Line) -> None:
    await come(line, names, 1, "vip")
    assert "vip" in await names.of(QUEUE)
    await line.scripts.ask(lambda pipeline: pipeline.delete(line.keys(QUEUE).lane_names))
    names.forget(QUEUE)
    assert await names.of(QUEUE) == {"everybody"}


async def test_lanes_come_in_the_order_of_their_first_leads(line: Line, names: LaneNames) -> None:
    for number, (lane, rank) in enumerate(
        [("vip", 10), ("owner:anna", 2**53 - 1), ("everybody", 10), ("vip", 900)], start=1
    ):
        await line.show(waiting(number, lane=lane, rank=rank), START)
    await line.show(waiting(9, lane="gone", rank=5000), START)
    await line.show(waiting(9, 2, lane="everybody", rank=1), START)
    assert await names.by_head(QUEUE) == ("owner:anna", "vip", "everybody")


async def test_a_lane_that_comes_here_is_in_the_next_order(
    line: Line, names: LaneNames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ORDER_SECONDS", 60)
    await come(line, names, 1, "vip")
    await names.of(QUEUE)
    assert await names.by_head(QUEUE) == ("vip",)
    await come(line, names, 2, "owner:anna")
    assert set(await names.by_head(QUEUE)) == {"owner:anna", "vip"}


async def test_after_a_rebuild_the_order_is_read_again(
    line: Line, names: LaneNames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ORDER_SECONDS", 60)
    assert await names.by_head(QUEUE) == ()
    await line.show(waiting(1, lane="vip"), START)
    names.forget(QUEUE)
    assert await names.by_head(QUEUE) == ("vip",)
